import { Injectable } from '@nestjs/common';
import { DatabaseConnection } from '../database/database-connection.js';
import { LongReads } from '../database/long-reads.js';
import { type Expression, toFts5, toTsQuery } from './expression.js';
import type { Readers } from './search-entry.entity.js';
import type { SearchWord } from './search-word.entity.js';

export type Kind = 'course' | 'chapter';

/** Which entries may be found. */
export interface Filter {
  kinds: Kind[];
  hasPlan: boolean;
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

export interface LookedUp {
  /** Those that an entry holds. */
  stems: Stem[];
  completions: Stem[];
  /** How many entries there are, at the most: some numbers may be free. */
  size: number;
}

type FoundWord = { found: 'stem' | 'completion' | 'size'; stem: string; entries: number | string };

export interface Ranked {
  id: number;
  score: number;
  /** The best score of all that were ranked. */
  best: number;
}

/** How many of the entries that hold a title's word, and of all others, are ranked at least. */
const CANDIDATES = 400;

/** How many times a hit counts whose title holds the query word for word. */
const AS_TITLE = 2;

/**
 * The full-text indexes: PostgreSQL's tsvector and SQLite's FTS5. Both are given the same words and asked for the same
 * ones, so that they find the same; each ranks in its own way.
 */
@Injectable()
export class SearchRepository {
  constructor(
    private readonly connection: DatabaseConnection,
    private readonly reads: LongReads,
  ) {}

  /**
   * The best of those that hold an expression, best first. Where there are very many, those whose title holds a word of it
   * and some of the others are ranked, and the rest follow unranked or not at all.
   */
  rank(
    expression: Expression,
    { inTitle, asTitle, weighted }: Ranking,
    filter: Filter,
    page: { limit: number; offset: number },
  ): Promise<Ranked[]> {
    const bound = Math.max(CANDIDATES, page.limit + page.offset);
    return this.isPostgres
      ? this.reads.query(rankInPostgres(weighted.length), [
          toTsQuery(expression),
          toTsQuery(inTitle),
          ...inPostgres(filter),
          bound,
          page.limit,
          page.offset,
          toTsQuery(asTitle),
          ...weighted.flatMap(({ expression: part, weight }) => [toTsQuery(part), weight]),
        ])
      : this.reads.query(RANK_IN_SQLITE, [
          `{title} : ${toFts5(asTitle)}`,
          `${toFts5(expression)} AND {title} : ${toFts5(inTitle)}`,
          ...inSqlite(filter),
          bound,
          toFts5(expression),
          ...inSqlite(filter),
          bound,
          page.limit,
          page.offset,
        ]);
  }

  /** How many entries hold an expression. */
  async count(expression: Expression, filter: Filter): Promise<number> {
    const [{ total }] = this.isPostgres
      ? await this.reads.query<{ total: number }>(COUNT_IN_POSTGRES, [toTsQuery(expression), ...inPostgres(filter)])
      : await this.reads.query<{ total: number }>(COUNT_IN_SQLITE, [`${tagsOf(filter)} AND ${toFts5(expression)}`]);
    return total;
  }

  /** How many entries hold each of the stems, the commonest stems of words that begin so, and how many entries there are. */
  async lookUp(stems: string[], beginning: string | null, limit: number): Promise<LookedUp> {
    const end = beginning === null ? null : `${beginning}\u{10FFFF}`;
    const rows = this.isPostgres
      ? await this.reads.query<FoundWord>(lookUp('= ANY ($1::text[])', ['$2::text', '$3::text', '$4']), [
          stems,
          beginning,
          end,
          limit,
        ])
      : await this.reads.query<FoundWord>(lookUp('IN (SELECT value FROM json_each(?))', ['?', '?', '?']), [
          JSON.stringify(stems),
          beginning,
          end,
          limit,
        ]);
    const found = rows.map((row) => ({ ...row, entries: Number(row.entries) }));
    return {
      stems: found.filter(({ found: as }) => as === 'stem'),
      completions: found.filter(({ found: as }) => as === 'completion'),
      size: found.find(({ found: as }) => as === 'size')?.entries ?? 0,
    };
  }

  /** Words that are spelt nearly alike, by what their spellings have in common. */
  findAlike(variants: string[]): Promise<Pick<SearchWord, 'word' | 'stem' | 'entries'>[]> {
    return this.isPostgres
      ? this.reads.query('SELECT word, stem, entries FROM search_words_alike($1::text[])', [variants])
      : this.reads.query(
          `SELECT word, stem, entries FROM search_spellings JOIN search_words ON id = search_spellings.rowid
           WHERE search_spellings MATCH ?`,
          [variants.map((variant) => `"${variant}"`).join(' OR ')],
        );
  }

  private get isPostgres(): boolean {
    return this.connection.writer.options.type === 'postgres';
  }
}

function readersOf({ hasPlan }: Filter): Readers[] {
  return ['everyone', hasPlan ? 'with_plan' : 'without_plan'];
}

function inPostgres(filter: Filter): [string[], string[]] {
  return [readersOf(filter), filter.kinds];
}

const FILTER_IN_POSTGRES = 'readers = ANY ($3::text[]) AND kind = ANY ($4::text[])';

/** A word counts in the title ten times what it counts in the body, in a heading four times; long texts count less. */
const WEIGHTS_IN_POSTGRES = '{0.1, 0.1, 0.4, 1.0}';
const LONG_TEXTS = 1;

function rankInPostgres(parts: number): string {
  const first = 9;
  const score = Array.from({ length: parts }, (_part, index) => {
    const at = first + index * 2;
    return `ts_rank('${WEIGHTS_IN_POSTGRES}', vector, $${at}::tsquery, ${LONG_TEXTS}) * $${at + 1}::float8`;
  });
  return `
    WITH candidates AS (
      (SELECT entry_id FROM search_index
        WHERE vector @@ $1::tsquery AND title @@ $2::tsquery AND ${FILTER_IN_POSTGRES} LIMIT $5)
      UNION
      (SELECT entry_id FROM search_index WHERE vector @@ $1::tsquery AND ${FILTER_IN_POSTGRES} LIMIT $5)
    ), read_once AS MATERIALIZED (
      SELECT entry_id, title, vector || '' AS vector FROM search_index JOIN candidates USING (entry_id)
    ), ranked AS (
      SELECT entry_id AS id, (${score.join(' + ')}) * CASE WHEN title @@ $8::tsquery THEN ${AS_TITLE} ELSE 1 END AS score
      FROM read_once
    )
    SELECT id, score, max(score) OVER () AS best FROM ranked ORDER BY score DESC, id LIMIT $6 OFFSET $7`;
}

const COUNT_IN_POSTGRES = `
  SELECT count(*)::int AS total FROM search_index
  WHERE vector @@ $1::tsquery AND readers = ANY ($2::text[]) AND kind = ANY ($3::text[])`;

/** @param parameters where the beginning stands, its end, and how many completions are wanted */
function lookUp(isAsked: string, [beginning, end, limit]: string[]): string {
  return `
    SELECT 'stem' AS found, stem, sum(entries) AS entries FROM search_words WHERE stem ${isAsked} GROUP BY stem
    UNION ALL SELECT * FROM (
      SELECT 'completion', stem, sum(entries) AS entries FROM search_words
      WHERE word >= ${beginning} AND word < ${end} GROUP BY stem ORDER BY entries DESC, stem LIMIT ${limit}
    ) AS completions
    UNION ALL SELECT 'size', '', max(id) FROM search_entries`;
}

function inSqlite(filter: Filter): unknown[] {
  return [...readersOf(filter), filter.kinds.includes('course') ? 1 : 0, filter.kinds.includes('chapter') ? 1 : 0];
}

/** The readers and kinds as words of the index: to look at 50,000 entries would take longer than to count them. */
function tagsOf({ kinds, hasPlan }: Filter): string {
  const readers = hasPlan ? 'with_plan' : 'without_plan';
  return `{tags} : (${readers} AND (${kinds.join(' OR ')}))`;
}

/** bm25: a word counts in the title ten times what it counts in the body, in a heading four times. */
const CANDIDATES_IN_SQLITE = `
  SELECT search_index.rowid AS id, -bm25(search_index, 10.0, 4.0, 1.0, 0.0) AS score
  FROM search_index JOIN search_entries AS entry ON entry.id = search_index.rowid
  WHERE search_index MATCH ? AND entry.readers IN (?, ?)
    AND CASE WHEN entry.chapter_id IS NULL THEN ? ELSE ? END
  LIMIT ?`;

const RANK_IN_SQLITE = `
  WITH ranked AS (
    SELECT id, max(score) * CASE WHEN id IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)
      THEN ${AS_TITLE} ELSE 1 END AS score
    FROM (SELECT * FROM (${CANDIDATES_IN_SQLITE}) UNION ALL SELECT * FROM (${CANDIDATES_IN_SQLITE})) GROUP BY id
  )
  SELECT id, score, max(score) OVER () AS best FROM ranked ORDER BY score DESC, id LIMIT ? OFFSET ?`;

const COUNT_IN_SQLITE = 'SELECT count(*) AS total FROM search_index WHERE search_index MATCH ?';
