import type { Readers } from './search-entry.entity.js';

export type Kind = 'course' | 'chapter';

/** Which entries may be found. */
export interface Filter {
  kinds: Kind[];
  hasPlan: boolean;
  /** Null for all courses. */
  courseId: string | null;
}

/**
 * How what holds an expression is ranked: all of it by its words; or some of it by its words, those first whose title
 * holds one; or some of it by titles alone.
 */
export type Candidates = 'all' | 'titles first' | 'by title';

/** How many times a hit counts whose title holds the query word for word. */
const AS_TITLE = 2;

/** What a title counts where titles alone are ranked: that holds the query word for word, all words, any, and none. */
const TITLE_SCORES = [1, 0.7, 0.4, 0.1];

/** What is told of those on a page of all that were ranked; `place` decides between those of one score. */
function pageOfRanked(limit: string, offset: string): string {
  return `page AS (
      SELECT id, place, score, max(score) OVER () AS best FROM ranked
      ORDER BY score DESC, place LIMIT ${limit} OFFSET ${offset}
    )
    SELECT score, best, entry.chapter_id AS "chapterId", entry.readers, entry.title, entry.body, entry.sections,
      course.id AS "courseId", course.title AS "courseTitle", course.description AS "courseDescription"
    FROM page JOIN search_entries AS entry ON entry.id = page.id JOIN courses AS course ON course.id = entry.course_id
    ORDER BY score DESC, page.place`;
}

function readersOf({ hasPlan }: Pick<Filter, 'hasPlan'>): Readers[] {
  return ['everyone', hasPlan ? 'with_plan' : 'without_plan'];
}

/** The three parameters of `filterInPostgres`. */
export function filterValuesInPostgres(filter: Filter): unknown[] {
  return [readersOf(filter), filter.kinds, filter.courseId];
}

/** @param first the number of its first parameter */
function filterInPostgres(first: number): string {
  const [readers, kinds, course] = [`$${first}::text[]`, `$${first + 1}::text[]`, `$${first + 2}::text`];
  return `readers = ANY (${readers}) AND kind = ANY (${kinds}) AND (${course} IS NULL OR course_id = ${course})`;
}

/** A word counts in the title ten times what it counts in the body, in a heading four times; long texts count less. */
const WEIGHTS_IN_POSTGRES = '{0.1, 0.1, 0.4, 1.0}';
const LONG_TEXTS = 1;

const FIRST_PART = 9;

/** Of so many titles at the most it is looked at what else their entries hold, as PostgreSQL has to read all of it. */
const MAX_TITLES = 2000;

/** So many are needed to fill the page. */
const TO_THE_END_OF_PAGE = '$6::bigint + $7::bigint';

/**
 * Ranks what holds an expression. Its parameters: $1 the expression, $2 to $4 the filter, $5 how many candidates of
 * each kind are taken at the most, $6 and $7 the page's limit and offset, $8 the query as a title has it word for word,
 * from $9 on each weighted part and its weight, and last, where titles come first, what they hold.
 * @param parts how many weighted parts there are
 * @param withRest whether all others follow, where the page lies behind the candidates
 */
export function rankInPostgres(candidates: Exclude<Candidates, 'by title'>, parts: number, withRest: boolean): string {
  const score = Array.from({ length: parts }, (_part, index) => {
    const at = FIRST_PART + index * 2;
    return `ts_rank('${WEIGHTS_IN_POSTGRES}', vector, $${at}::tsquery, ${LONG_TEXTS}) * $${at + 1}::float8`;
  });
  const titled = holdingInPostgres({ condition: `title @@ $${FIRST_PART + parts * 2}::tsquery` });
  const rest = `
      UNION ALL SELECT entry_id, place, 0 FROM ${holdingInPostgres({ limit: TO_THE_END_OF_PAGE })} AS others
      WHERE entry_id NOT IN (SELECT id FROM scored)`;
  return `
    WITH candidates AS (
      ${candidates === 'all' ? '' : `${titled} UNION`} ${holdingInPostgres({})}
    ), read_once AS MATERIALIZED (
      SELECT entry_id, place, title, vector || '' AS vector FROM search_index JOIN candidates USING (entry_id)
    ), scored AS (
      SELECT entry_id AS id, place,
        (${score.join(' + ')}) * CASE WHEN title @@ $8::tsquery THEN ${AS_TITLE} ELSE 1 END AS score
      FROM read_once
    ), ranked AS (
      SELECT * FROM scored${withRest ? rest : ''}
    ), ${pageOfRanked('$6', '$7')}`;
}

const PAGE_IS_OPEN = `(SELECT count(*) FROM titled) < ${TO_THE_END_OF_PAGE}`;

/**
 * Ranks some of what holds an expression by titles alone. Its parameters: $1 to $7 as of `rankInPostgres`; $8 to $10
 * what a title holds that has the query word for word, all of its words, and any. They are looked for by the index of
 * the titles, and whatever else holds the expression only where they do not fill the page.
 */
export const RANK_BY_TITLE_IN_POSTGRES = `
  WITH titled AS MATERIALIZED (
    SELECT entry_id, place, max(score) AS score FROM (
      ${[8, 9, 10].map((at, tier) => titledInPostgres(at, TITLE_SCORES[tier])).join(' UNION ALL ')}
    ) AS found GROUP BY entry_id, place
  ), others AS (
    SELECT entry_id, place, ${TITLE_SCORES[3]}::float8 FROM ${holdingInPostgres({ condition: PAGE_IS_OPEN })} AS found
    WHERE entry_id NOT IN (SELECT entry_id FROM titled)
  ), ranked AS (
    SELECT entry_id AS id, place, score FROM titled UNION ALL SELECT * FROM others
  ), ${pageOfRanked('$6', '$7')}`;

function titledInPostgres(at: number, score: number): string {
  return `(
    SELECT entry_id, place, ${score}::float8 AS score FROM (
      SELECT entry_id, ctid AS place, vector FROM search_index
      WHERE title @@ $${at}::tsquery AND ${filterInPostgres(2)} LIMIT ${MAX_TITLES}
    ) AS titles WHERE vector @@ $1::tsquery LIMIT $5
  )`;
}

/**
 * Some entries that hold an expression, as they come: by their place in the table. Its parameters are $1 to $5 of
 * `rankInPostgres`.
 */
function holdingInPostgres({ condition = 'true', limit = '$5' }): string {
  return `(
    SELECT entry_id, ctid AS place FROM search_index
    WHERE vector @@ $1::tsquery AND ${filterInPostgres(2)} AND ${condition} LIMIT ${limit}
  )`;
}

/** Its parameters: $1 the expression, $2 to $4 the filter. */
export const COUNT_IN_POSTGRES = `
  SELECT count(*)::int AS total FROM search_index
  WHERE vector @@ $1::tsquery AND ${filterInPostgres(2)}`;

/** The column that tells how many entries hold a word, of those that a reader may find. */
export function countedColumn(hasPlan: boolean): string {
  return hasPlan ? 'entries' : 'open_entries';
}

/**
 * How many entries hold each of some stems, the commonest completions of a beginning, and how many entries there are.
 * @param entries the column that is counted
 * @param isAsked what follows `stem` where it is one of those, with the first parameter
 * @param parameters where the beginning stands, its end, and how many completions are wanted
 */
export function lookUpWords(entries: string, isAsked: string, [beginning, end, limit]: string[]): string {
  return `
    SELECT 'stem' AS found, stem, sum(${entries}) AS entries FROM search_words
    WHERE stem ${isAsked} AND ${entries} > 0 GROUP BY stem
    UNION ALL SELECT * FROM (
      SELECT 'completion', stem, sum(${entries}) AS entries FROM search_words
      WHERE word >= ${beginning} AND word < ${end} AND ${entries} > 0 GROUP BY stem ORDER BY 3 DESC, stem LIMIT ${limit}
    ) AS completions
    UNION ALL SELECT 'size', '', max(id) FROM search_entries`;
}

/** The five parameters of the filter in `candidatesIn`. */
export function filterValuesInSqlite(filter: Filter): unknown[] {
  const kinds = [filter.kinds.includes('course') ? 1 : 0, filter.kinds.includes('chapter') ? 1 : 0];
  return [...readersOf(filter), ...kinds, filter.courseId];
}

/** The indexes that a reader's entries are in. */
export function tablesFor({ hasPlan }: Pick<Filter, 'hasPlan'>): string[] {
  return hasPlan ? ['search_index', 'search_closed_index'] : ['search_index'];
}

/** What the words of a title begin with in `tags`. */
export const IN_TITLE = '!!';

/** How the readers or the kind of an entry stand in `tags`: no word begins so. */
export function tagOf(value: Readers | Kind): string {
  return `!${value}`;
}

/** The readers and kinds as words of the index: to look at 50,000 entries would take longer than to count them. */
export function countedTags(filter: Omit<Filter, 'courseId'>, expression: string): string[] {
  const anyOf = (values: (Readers | Kind)[]) => `(${values.map((value) => `"${tagOf(value)}"`).join(' OR ')})`;
  const tags = `{tags} : (${anyOf(readersOf(filter))} AND ${anyOf(filter.kinds)})`;
  return tablesFor(filter).map(() => `${tags} AND ${expression}`);
}

/** Its parameters are `countedTags`. */
export function countInSqlite(filter: Pick<Filter, 'hasPlan'>): string {
  const each = tablesFor(filter).map((table) => `(SELECT count(*) FROM ${table} WHERE ${table} MATCH ?)`);
  return `SELECT ${each.join(' + ')} AS total`;
}

/**
 * A word counts in the title ten times what it counts in the body, in a heading four times; once more where it is asked
 * for in the title.
 */
function bm25In(table: string): string {
  return `-bm25(${table}, 10.0, 4.0, 1.0, 10.0)`;
}

/** Its parameters: what is matched, the filter, and how many at the most. */
function candidatesIn(table: string, score: string): string {
  return `
  SELECT * FROM (
    SELECT ${table}.rowid AS id, ${score} AS score
    FROM ${table} JOIN search_entries AS entry ON entry.id = ${table}.rowid
    WHERE ${table} MATCH ? AND entry.readers IN (?, ?)
      AND CASE WHEN entry.chapter_id IS NULL THEN ? ELSE ? END AND entry.course_id = coalesce(?, entry.course_id)
    LIMIT ?
  )`;
}

/**
 * Ranks what holds an expression. Its parameters: for each table the query as a title has it word for word; for each
 * table, where titles come first, those of `candidatesIn` for them, and those of `candidatesIn` for all; for each table
 * those of `candidatesIn` for the rest; the page's limit and offset.
 * @param withRest whether all others follow, where the page lies behind the candidates
 */
export function rankInSqlite(candidates: Exclude<Candidates, 'by title'>, filter: Filter, withRest: boolean): string {
  const tables = tablesFor(filter);
  const found = tables
    .flatMap((table) => (candidates === 'all' ? [table] : [table, table]))
    .map((table) => candidatesIn(table, bm25In(table)));
  if (withRest) found.push(...tables.map((table) => candidatesIn(table, '0')));
  const titled = tables.map((table) => `id IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ?)`);
  return `
  WITH ranked AS (
    SELECT id, id AS place, max(score) * CASE WHEN ${titled.join(' OR ')} THEN ${AS_TITLE} ELSE 1 END AS score
    FROM (${found.join(' UNION ALL ')}) GROUP BY id
  ), ${pageOfRanked('?', '?')}`;
}

/**
 * Ranks some of what holds an expression by titles alone. Its parameters: for each table those of `candidatesIn` for
 * titles that have the query word for word, all of its words, and any, and for whatever there is; the page's limit and
 * offset.
 */
export function rankByTitleInSqlite(filter: Filter): string {
  const found = tablesFor(filter).flatMap((table) => TITLE_SCORES.map((score) => candidatesIn(table, String(score))));
  return `
  WITH ranked AS (
    SELECT id, id AS place, max(score) AS score FROM (${found.join(' UNION ALL ')}) GROUP BY id
  ), ${pageOfRanked('?', '?')}`;
}
