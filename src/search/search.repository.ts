import { Injectable } from '@nestjs/common';
import { DatabaseConnection } from '../database/database-connection.js';
import { LongReads } from '../database/long-reads.js';
import { type Expression, toFts5, toTsQuery } from './expression.js';
import type { Readers, SearchEntry, SectionPlace } from './search-entry.entity.js';

export type Kind = 'course' | 'chapter';

/** Which entries may be found. */
export interface Filter {
  kinds: Kind[];
  hasPlan: boolean;
  /** Null for all courses. */
  courseId: string | null;
}

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

/** Whether all are ranked that hold the expression, or those first whose title holds a word of it. */
type Candidates = 'all' | 'titles first';

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
          ...inPostgres(filter),
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
              : [`${toFts5(expression)} AND {title} : ${toFts5(inTitle)}`, ...inSqlite(filter), bound]),
            toFts5(expression),
            ...inSqlite(filter),
            bound,
          ]),
          page.limit,
          page.offset,
        ]);
    return rows.map((row) => ({ ...row, sections: JSON.parse(row.sections) as SectionPlace[] }));
  }

  /** How many entries of all courses hold an expression. */
  async count(expression: Expression, filter: Omit<Filter, 'courseId'>): Promise<number> {
    const [{ total }] = this.isPostgres
      ? await this.reads.query<{ total: number }>(COUNT_IN_POSTGRES, [
          toTsQuery(expression),
          ...inPostgres({ ...filter, courseId: null }),
        ])
      : await this.reads.query<{ total: number }>(countInSqlite(filter), countedTags(filter, toFts5(expression)));
    return total;
  }

  /**
   * How many entries hold each of the stems, the commonest stems of words that begin so, and how many entries there are; of
   * what those without a plan may not read nothing is told to them.
   */
  async lookUp(stems: string[], beginning: string | null, { hasPlan, limit }: LookUp): Promise<LookedUp> {
    const end = beginning === null ? null : `${beginning}\u{10FFFF}`;
    const entries = countedColumn(hasPlan);
    const rows = this.isPostgres
      ? await this.reads.query<FoundWord>(lookUp(entries, '= ANY ($1::text[])', ['$2::text', '$3::text', '$4']), [
          stems,
          beginning,
          end,
          limit,
        ])
      : await this.reads.query<FoundWord>(lookUp(entries, 'IN (SELECT value FROM json_each(?))', ['?', '?', '?']), [
          JSON.stringify(stems),
          beginning,
          end,
          limit,
        ]);
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
    return this.connection.writer.options.type === 'postgres';
  }
}

/** What is told of those on a page of all that were ranked. */
function pageOfRanked(limit: string, offset: string): string {
  return `page AS (
      SELECT id, score, max(score) OVER () AS best FROM ranked ORDER BY score DESC, id LIMIT ${limit} OFFSET ${offset}
    )
    SELECT score, best, entry.chapter_id AS "chapterId", entry.readers, entry.title, entry.body, entry.sections,
      course.id AS "courseId", course.title AS "courseTitle", course.description AS "courseDescription"
    FROM page JOIN search_entries AS entry ON entry.id = page.id JOIN courses AS course ON course.id = entry.course_id
    ORDER BY score DESC, entry.id`;
}

function readersOf({ hasPlan }: Pick<Filter, 'hasPlan'>): Readers[] {
  return ['everyone', hasPlan ? 'with_plan' : 'without_plan'];
}

function inPostgres(filter: Filter): unknown[] {
  return [readersOf(filter), filter.kinds, filter.courseId];
}

function filterInPostgres(first: number): string {
  const [readers, kinds, course] = [`$${first}::text[]`, `$${first + 1}::text[]`, `$${first + 2}::text`];
  return `readers = ANY (${readers}) AND kind = ANY (${kinds}) AND (${course} IS NULL OR course_id = ${course})`;
}

/** A word counts in the title ten times what it counts in the body, in a heading four times; long texts count less. */
const WEIGHTS_IN_POSTGRES = '{0.1, 0.1, 0.4, 1.0}';
const LONG_TEXTS = 1;

function rankInPostgres(candidates: Candidates, parts: number): string {
  const first = 9;
  const score = Array.from({ length: parts }, (_part, index) => {
    const at = first + index * 2;
    return `ts_rank('${WEIGHTS_IN_POSTGRES}', vector, $${at}::tsquery, ${LONG_TEXTS}) * $${at + 1}::float8`;
  });
  const holding = (more = '') =>
    `(SELECT entry_id FROM search_index WHERE vector @@ $1::tsquery AND ${filterInPostgres(2)} ${more} LIMIT $5)`;
  const titled = `AND title @@ $${first + parts * 2}::tsquery`;
  return `
    WITH candidates AS (
      ${candidates === 'all' ? holding() : `${holding(titled)} UNION ${holding()}`}
    ), read_once AS MATERIALIZED (
      SELECT entry_id, title, vector || '' AS vector FROM search_index JOIN candidates USING (entry_id)
    ), ranked AS (
      SELECT entry_id AS id, (${score.join(' + ')}) * CASE WHEN title @@ $8::tsquery THEN ${AS_TITLE} ELSE 1 END AS score
      FROM read_once
    ), ${pageOfRanked('$6', '$7')}`;
}

const COUNT_IN_POSTGRES = `
  SELECT count(*)::int AS total FROM search_index
  WHERE vector @@ $1::tsquery AND ${filterInPostgres(2)}`;

function countedColumn(hasPlan: boolean): string {
  return hasPlan ? 'entries' : 'open_entries';
}

/** To a power of two, so that what changes it tells of nothing else. */
function roundUp(size: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, size)));
}

/** @param parameters where the beginning stands, its end, and how many completions are wanted */
function lookUp(entries: string, isAsked: string, [beginning, end, limit]: string[]): string {
  return `
    SELECT 'stem' AS found, stem, sum(${entries}) AS entries FROM search_words
    WHERE stem ${isAsked} AND ${entries} > 0 GROUP BY stem
    UNION ALL SELECT * FROM (
      SELECT 'completion', stem, sum(${entries}) AS entries FROM search_words
      WHERE word >= ${beginning} AND word < ${end} AND ${entries} > 0 GROUP BY stem ORDER BY 3 DESC, stem LIMIT ${limit}
    ) AS completions
    UNION ALL SELECT 'size', '', max(id) FROM search_entries`;
}

function inSqlite(filter: Filter): unknown[] {
  const kinds = [filter.kinds.includes('course') ? 1 : 0, filter.kinds.includes('chapter') ? 1 : 0];
  return [...readersOf(filter), ...kinds, filter.courseId];
}

/** The indexes that a reader's entries are in. */
function tablesFor({ hasPlan }: Pick<Filter, 'hasPlan'>): string[] {
  return hasPlan ? ['search_index', 'search_closed_index'] : ['search_index'];
}

/** How the readers or the kind of an entry stand in `tags`: no word begins so. */
export function tagOf(value: Readers | Kind): string {
  return `!${value}`;
}

/** The readers and kinds as words of the index: to look at 50,000 entries would take longer than to count them. */
function countedTags(filter: Omit<Filter, 'courseId'>, expression: string): string[] {
  const anyOf = (values: (Readers | Kind)[]) => `(${values.map((value) => `"${tagOf(value)}"`).join(' OR ')})`;
  const tags = `{tags} : (${anyOf(readersOf(filter))} AND ${anyOf(filter.kinds)})`;
  return tablesFor(filter).map(() => `${tags} AND ${expression}`);
}

function countInSqlite(filter: Pick<Filter, 'hasPlan'>): string {
  const each = tablesFor(filter).map((table) => `(SELECT count(*) FROM ${table} WHERE ${table} MATCH ?)`);
  return `SELECT ${each.join(' + ')} AS total`;
}

/** bm25: a word counts in the title ten times what it counts in the body, in a heading four times. */
function candidatesIn(table: string): string {
  return `
  SELECT * FROM (
    SELECT ${table}.rowid AS id, -bm25(${table}, 10.0, 4.0, 1.0, 0.0) AS score
    FROM ${table} JOIN search_entries AS entry ON entry.id = ${table}.rowid
    WHERE ${table} MATCH ? AND entry.readers IN (?, ?)
      AND CASE WHEN entry.chapter_id IS NULL THEN ? ELSE ? END AND entry.course_id = coalesce(?, entry.course_id)
    LIMIT ?
  )`;
}

function rankInSqlite(candidates: Candidates, filter: Filter): string {
  const tables = tablesFor(filter);
  const each = tables.flatMap((table) => (candidates === 'all' ? [table] : [table, table])).map(candidatesIn);
  const titled = tables.map((table) => `id IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ?)`);
  return `
  WITH ranked AS (
    SELECT id, max(score) * CASE WHEN ${titled.join(' OR ')} THEN ${AS_TITLE} ELSE 1 END AS score
    FROM (${each.join(' UNION ALL ')}) GROUP BY id
  ), ${pageOfRanked('?', '?')}`;
}
