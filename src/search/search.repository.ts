import { Injectable } from '@nestjs/common';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { isPostgres } from '../database/dialect.js';
import { LongReads } from '../database/long-reads.js';
import { type Expression, toFts5, toTsQuery } from './expression.js';
import type { SearchEntry, SectionPlace } from './search-entry.entity.js';
import {
  type Candidates,
  COUNT_IN_POSTGRES,
  countedColumn,
  countedTags,
  countInSqlite,
  type Filter,
  filterValuesInPostgres,
  filterValuesInSqlite,
  lookUpWords,
  rankInPostgres,
  rankInSqlite,
  tablesFor,
} from './search-sql.js';

/** Something that entries may hold, and in how many it is found at the most. */
export interface Option {
  expression: Expression;
  entries: number;
}

/** An expression, and how much it counts where an entry holds it. */
export interface Weighted {
  expression: Expression;
  weight: number;
}

/** What decides the order of what is found. */
export interface Ranking {
  /** What titles hold whose entries are ranked in any case. */
  inTitle: Expression;
  /** The whole query, word for word. */
  asTitle: Expression;
  /** What counts, and how much; SQLite weighs words by itself. */
  weighted: Weighted[];
}

/** A stem, and how many entries hold it: at the most, as one that holds two of its forms is counted twice. */
export interface Stem {
  stem: string;
  entries: number;
}

interface LookUp {
  hasPlan: boolean;
  /** How many completions at the most. */
  limit: number;
}

export interface LookedUp {
  /** Those that an entry holds. */
  stems: Stem[];
  completions: Stem[];
  /** How many entries there are, at the most: some numbers may be free. */
  size: number;
}

type FoundWord = { found: 'stem' | 'completion' | 'size'; stem: string; entries: number | string };

/** An entry that was found. */
export interface Ranked extends Omit<SearchEntry, 'id' | 'digest' | 'headings'> {
  courseTitle: string;
  courseDescription: string;
  score: number;
  /** The best score of all that were ranked. */
  best: number;
}

/** As the database tells it: JSON is text. */
type RankedRow = Omit<Ranked, 'sections'> & { sections: string };

/** How many of the entries that hold a title's word, and of all others, are ranked at least. */
const CANDIDATES = 250;

/**
 * The full-text indexes: PostgreSQL's tsvector and SQLite's FTS5. Both are given the same words and asked for the same
 * ones, so that they find the same; each ranks in its own way.
 */
@Injectable()
export class SearchRepository {
  /** By statement and parameters: to count what holds common words takes about as long as to find the best of it. */
  private readonly counted: KnownContent<number>;

  constructor(
    private readonly connection: DatabaseConnection,
    private readonly reads: LongReads,
    revision: ContentRevision,
  ) {
    this.counted = new KnownContent(revision, async (counting) => {
      const [sql, parameters] = JSON.parse(counting) as [string, unknown[]];
      const [{ total }] = await this.reads.query<{ total: number }>(sql, parameters);
      return total;
    });
  }

  /**
   * The best of those that hold an expression, best first. Where there are very many, only those are ranked whose title
   * holds a word of it, and some of the others.
   */
  async rank(
    { expression, entries }: Option,
    { inTitle, asTitle, weighted }: Ranking,
    filter: Filter,
    page: { limit: number; offset: number },
  ): Promise<Ranked[]> {
    const candidates: Candidates = entries <= CANDIDATES ? 'all' : 'titles first';
    const bound = Math.max(CANDIDATES, page.limit + page.offset);
    const rows = this.isPostgres
      ? await this.reads.query<RankedRow>(rankInPostgres(candidates, weighted.length), [
          toTsQuery(expression),
          ...filterValuesInPostgres(filter),
          bound,
          page.limit,
          page.offset,
          toTsQuery(asTitle),
          ...weighted.flatMap(({ expression: part, weight }) => [toTsQuery(part), weight]),
          ...(candidates === 'all' ? [] : [toTsQuery(inTitle)]),
        ])
      : await this.reads.query<RankedRow>(rankInSqlite(candidates, filter), [
          ...tablesFor(filter).map(() => `{title} : ${toFts5(asTitle)}`),
          ...tablesFor(filter).flatMap(() => [
            ...(candidates === 'all'
              ? []
              : [`${toFts5(expression)} AND {title} : ${toFts5(inTitle)}`, ...filterValuesInSqlite(filter), bound]),
            toFts5(expression),
            ...filterValuesInSqlite(filter),
            bound,
          ]),
          page.limit,
          page.offset,
        ]);
    return rows.map((row) => ({ ...row, sections: JSON.parse(row.sections) as SectionPlace[] }));
  }

  /** How many entries of all courses hold an expression. */
  async count(expression: Expression, filter: Omit<Filter, 'courseId'>): Promise<number> {
    const counting = this.isPostgres
      ? [COUNT_IN_POSTGRES, [toTsQuery(expression), ...filterValuesInPostgres({ ...filter, courseId: null })]]
      : [countInSqlite(filter), countedTags(filter, toFts5(expression))];
    return (await this.counted.get(JSON.stringify(counting))) ?? 0;
  }

  /**
   * How many entries hold each of the stems, the commonest stems of words that begin so, and how many entries there
   * are; of what those without a plan may not read nothing is told to them.
   */
  async lookUp(stems: string[], beginning: string | null, { hasPlan, limit }: LookUp): Promise<LookedUp> {
    const end = beginning === null ? null : `${beginning}\u{10FFFF}`;
    const entries = countedColumn(hasPlan);
    const rows = this.isPostgres
      ? await this.reads.query<FoundWord>(lookUpWords(entries, '= ANY ($1::text[])', ['$2::text', '$3::text', '$4']), [
          stems,
          beginning,
          end,
          limit,
        ])
      : await this.reads.query<FoundWord>(
          lookUpWords(entries, 'IN (SELECT value FROM json_each(?))', ['?', '?', '?']),
          [JSON.stringify(stems), beginning, end, limit],
        );
    const found = rows.map((row) => ({ ...row, entries: Number(row.entries) }));
    return {
      stems: found.filter(({ found: as }) => as === 'stem'),
      completions: found.filter(({ found: as }) => as === 'completion'),
      size: roundUp(found.find(({ found: as }) => as === 'size')?.entries ?? 0),
    };
  }

  /** Words that are spelt nearly alike, by what their spellings have in common. */
  findAlike(variants: string[], hasPlan: boolean): Promise<(Stem & { word: string })[]> {
    const entries = countedColumn(hasPlan);
    return this.isPostgres
      ? this.reads.query(
          `SELECT word, stem, ${entries} AS entries FROM search_words_alike($1::text[]) WHERE ${entries} > 0`,
          [variants],
        )
      : this.reads.query(
          `SELECT word, stem, ${entries} AS entries
           FROM search_spellings JOIN search_words ON id = search_spellings.rowid
           WHERE search_spellings MATCH ? AND ${entries} > 0`,
          [variants.map((variant) => `"${variant}"`).join(' OR ')],
        );
  }

  private get isPostgres(): boolean {
    return isPostgres(this.connection.writer);
  }
}

/** To a power of two, so that what changes it tells of nothing else. */
function roundUp(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, size)));
}
