import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { Reader } from '../auth/reader.js';
import { any } from './expression.js';
import { excerpt } from './excerpt.js';
import { SearchEntry } from './search-entry.entity.js';
import { planSearch, type SearchPlan } from './search-plan.js';
import { readQuery } from './search-query.js';
import type { SearchParams, SearchResponse, SearchResultDto } from './search.dto.js';
import { type Filter, type Kind, SearchRepository } from './search.repository.js';
import { Vocabulary } from './vocabulary.js';

/** An entry that was found, and its score as a share of the best one's. */
interface Hit {
  id: number;
  relevance: number;
}

interface Found {
  hits: Hit[];
  /** How many there are in all. */
  total: number | Promise<number>;
}

/** Finds the passage that answers, in what the reader may know of. */
@Injectable()
export class SearchService {
  constructor(
    @InjectRepository(SearchEntry) private readonly entries: Repository<SearchEntry>,
    private readonly repository: SearchRepository,
    private readonly vocabulary: Vocabulary,
  ) {}

  async search({ q, limit, offset }: SearchParams, kinds: Kind[], reader: Reader): Promise<SearchResponse> {
    const query = readQuery(q);
    const plan = planSearch(query, await this.vocabulary.know(query));
    if (!plan) return { query: q, total: 0, results: [] };
    const { hits, total } = await this.find(plan, { kinds, hasPlan: reader.hasPremium }, { limit, offset });
    const results = this.toResults(hits, plan.weights);
    return { query: q, total: await total, results: await results };
  }

  /** Walks down the levels until the page is full. */
  private async find(plan: SearchPlan, filter: Filter, page: { limit: number; offset: number }): Promise<Found> {
    const hits: Hit[] = [];
    let { limit, offset } = page;
    let total = 0;
    let share = 1;
    for (const [index, expression] of plan.levels.entries()) {
      const level = index === 0 ? expression : { find: expression, without: any(plan.levels.slice(0, index)) };
      const ranked = await this.repository.rank(level, plan, filter, { limit, offset });
      hits.push(...ranked.map(({ id, score, best }) => ({ id, relevance: share * (0.5 + (0.5 * score) / best) })));
      if (ranked.length === limit) return { hits, total: this.repository.count(any(plan.levels), filter) };
      const isCounted = ranked.length > 0 || offset === 0;
      const found = isCounted ? offset + ranked.length : await this.repository.count(level, filter);
      total += found;
      limit -= ranked.length;
      offset = Math.max(0, offset - found);
      if (found > 0) share /= 2;
    }
    return { hits, total };
  }

  private async toResults(hits: Hit[], weights: ReadonlyMap<string, number>): Promise<SearchResultDto[]> {
    const where = { id: In(hits.map(({ id }) => id)) };
    const entries = await this.entries.find({ where, relations: { course: true } });
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const results: SearchResultDto[] = [];
    for (const { id, relevance } of hits) {
      // An import may have taken it away in between.
      const entry = byId.get(id);
      if (entry) results.push(toResult(entry, relevance, weights));
      // A long text takes a millisecond or two, which nobody else has to wait for.
      await nextTurn();
    }
    return results;
  }
}

function toResult(entry: SearchEntry, relevance: number, weights: ReadonlyMap<string, number>): SearchResultDto {
  const { chapterId, course, readers, title, body } = entry;
  const about = { course_id: course.id, course_title: course.title, relevance: Number(relevance.toFixed(4)) };
  if (chapterId === null) {
    return {
      type: 'course',
      id: course.id,
      title,
      description: course.description,
      excerpt: null,
      ...about,
      locked: false,
    };
  }
  const locked = readers === 'without_plan';
  return { type: 'chapter', id: chapterId, title, excerpt: locked ? null : excerpt(body, weights), ...about, locked };
}
