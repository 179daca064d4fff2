import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import { turns } from '../common/turns.js';
import { any, except } from './expression.js';
import { excerpt } from './excerpt.js';
import { planSearch, type SearchPlan } from './search-plan.js';
import { readQuery } from './search-query.js';
import type { SearchParams, SearchResponse, SearchResultDto } from './search.dto.js';
import type { Filter, Kind } from './search-sql.js';
import { type Ranked, SearchRepository } from './search.repository.js';
import { sectionOf } from './section-of.js';
import { Vocabulary } from './vocabulary.js';

interface Hit {
  entry: Ranked;
  /** The score as a share of the best one's. */
  relevance: number;
}

/** A passage of a chapter. */
export interface Passage {
  chapterId: string;
  title: string;
  text: string;
}

interface Found {
  hits: Hit[];
  /** How many there are in all. */
  count: () => Promise<number>;
}

/** Finds the passage that answers, in what the reader may know of. */
@Injectable()
export class SearchService {
  constructor(
    private readonly repository: SearchRepository,
    private readonly vocabulary: Vocabulary,
  ) {}

  /**
   * What matches a query, best first, as a page of it.
   * @param kinds what is looked for
   */
  async search({ q, limit, offset }: SearchParams, kinds: Kind[], reader: Reader): Promise<SearchResponse> {
    const query = readQuery(q);
    const plan = planSearch(query, await this.vocabulary.know(query, reader.hasPremium));
    if (!plan) return { query: q, total: 0, results: [] };
    const { hits, count } = await this.find(
      plan,
      { kinds, hasPlan: reader.hasPremium, courseId: null },
      { limit, offset },
    );
    const [total, results] = await Promise.all([count(), this.toResults(hits, plan.weights)]);
    return { query: q, total, results };
  }

  /**
   * The passages of a course's chapters that say most of what is asked, best first.
   * @param length how many characters each has at the most
   */
  async passages(
    question: string,
    courseId: string,
    reader: Reader,
    { limit, length }: { limit: number; length: number },
  ): Promise<Passage[]> {
    const query = readQuery(question);
    const plan = planSearch(query, await this.vocabulary.know(query, reader.hasPremium));
    if (!plan) return [];
    const filter: Filter = { kinds: ['chapter'], hasPlan: reader.hasPremium, courseId };
    const { hits } = await this.find(plan, filter, { limit, offset: 0 });
    return hits
      .filter(({ entry }) => entry.readers !== 'without_plan')
      .map(({ entry: { chapterId, title, body } }) => ({
        chapterId: chapterId ?? '',
        title,
        text: excerpt(body, plan.weights, length).marked.replaceAll('**', ''),
      }));
  }

  /** Walks down the levels until the page is full. */
  private async find(plan: SearchPlan, filter: Filter, page: { limit: number; offset: number }): Promise<Found> {
    const hits: Hit[] = [];
    const expressions = plan.levels.map((level) => level.expression);
    let { limit, offset } = page;
    let total = 0;
    let share = 1;
    for (const [index, { expression, entries }] of plan.levels.entries()) {
      const before = expressions.slice(0, index);
      const level = except(expression, before);
      const ranked = await this.repository.rank({ expression: level, entries }, plan, filter, { limit, offset });
      hits.push(...ranked.map((entry) => ({ entry, relevance: share * (0.5 + 0.5 * shareOfBest(entry)) })));
      if (ranked.length === limit) return { hits, count: () => this.repository.count(any(expressions), filter) };
      const isCounted = ranked.length > 0 || offset === 0;
      const found = isCounted ? offset + ranked.length : await this.repository.count(level, filter);
      total += found;
      limit -= ranked.length;
      offset = Math.max(0, offset - found);
      if (found > 0) share /= 2;
    }
    return { hits, count: () => Promise.resolve(total) };
  }

  private async toResults(hits: Hit[], weights: ReadonlyMap<string, number>): Promise<SearchResultDto[]> {
    const results: SearchResultDto[] = [];
    for (const { entry, relevance } of hits) {
      results.push(toResult(entry, relevance, weights));
      // A long text takes a millisecond or two, which nobody else has to wait for.
      await turns.next();
    }
    return results;
  }
}

/** Where nothing that was found counts, all is alike. */
function shareOfBest({ score, best }: Ranked): number {
  return best > 0 ? score / best : 1;
}

function toResult(entry: Ranked, relevance: number, weights: ReadonlyMap<string, number>): SearchResultDto {
  const { chapterId, courseId, courseTitle, courseDescription, readers, title } = entry;
  const about = { course_id: courseId, course_title: courseTitle, relevance: Number(relevance.toFixed(4)) };
  if (chapterId === null) {
    const quoted = { excerpt: null, section_id: null };
    return { type: 'course', id: courseId, title, description: courseDescription, ...quoted, ...about, locked: false };
  }
  const locked = readers === 'without_plan';
  const quoted = locked ? { excerpt: null, section_id: null } : quote(entry, weights);
  return { type: 'chapter', id: chapterId, title, ...quoted, ...about, locked };
}

function quote({ body, sections }: Ranked, weights: ReadonlyMap<string, number>) {
  const { marked, matches } = excerpt(body, weights);
  return { excerpt: marked, section_id: sectionOf(matches, sections, weights) };
}
