import { Injectable } from '@nestjs/common';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { isPostgres } from '../database/dialect.js';
import { LongReads } from '../database/long-reads.js';
import { type Expression, toFts5, toTsQuery } from './expression.js';
import type { SearchEntry, SectionPlace } from './search-entry.entity.js';
import { askRanked, type Option, type PageBounds, type Ranking } from './ranking.js';
import {
  COUNT_IN_POSTGRES,
  countedColumn,
  countedTags,
  countInSqlite,
  type Filter,
  filterValuesInPostgres,
  lookUpWords,
} from './search-sql.js';

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
   * The best of those that hold an expression, best first. Where there are very many, only some are ranked, those first
   * whose title holds a word of it.
   */
  async rank(level: Option, ranking: Ranking, filter: Filter, page: PageBounds): Promise<Ranked[]> {
    const [sql, parameters] = askRanked({ level, ranking, filter, page }, this.isPostgres);
    const rows = await this.reads.query<RankedRow>(sql, parameters);
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
