import { type Expression, toFts5, toTsQuery } from './expression.js';
import {
  type Candidates,
  type Filter,
  filterValuesInPostgres,
  filterValuesInSqlite,
  IN_TITLE,
  RANK_BY_TITLE_IN_POSTGRES,
  rankByTitleInSqlite,
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
  /** All that is asked for, in whatever order. */
  allInTitle: Expression;
  /** The whole query, word for word. */
  asTitle: Expression;
  /** What counts, and how much; SQLite weighs words by itself. */
  weighted: Weighted[];
}

export interface PageBounds {
  limit: number;
  offset: number;
}

/** What is to be ranked, and by what. */
interface Wanted {
  level: Option;
  ranking: Ranking;
  filter: Filter;
  page: PageBounds;
}

type Asked = [sql: string, parameters: unknown[]];

/** How many of the entries that hold a title's word, and of all others, are ranked at least. */
const CANDIDATES = 250;

/**
 * What more entries hold is so common that it says little how often one does, and to weigh it takes longer the more
 * there are, as FTS5's bm25 goes through all of them first. Then titles alone decide, and fewer of each kind are enough.
 */
const COMMONPLACE = 2000;
const CANDIDATES_BY_TITLE = 64;

/** The statement that ranks what is wanted, and its parameters. */
export function askRanked(wanted: Wanted, isPostgres: boolean): Asked {
  const { limit, offset } = wanted.page;
  const { entries } = wanted.level;
  const candidates = entries <= CANDIDATES ? 'all' : entries <= COMMONPLACE ? 'titles first' : 'by title';
  const bound = Math.max(candidates === 'by title' ? CANDIDATES_BY_TITLE : CANDIDATES, limit + offset);
  return isPostgres ? askPostgres(candidates, wanted, bound) : askSqlite(candidates, wanted, bound);
}

function askPostgres(
  candidates: Candidates,
  { level: { expression }, ranking, filter, page: { limit, offset } }: Wanted,
  bound: number,
): Asked {
  const { inTitle, allInTitle, asTitle, weighted } = ranking;
  const asked = [toTsQuery(expression), ...filterValuesInPostgres(filter), bound, limit, offset, toTsQuery(asTitle)];
  if (candidates === 'by title') {
    return [RANK_BY_TITLE_IN_POSTGRES, [...asked, toTsQuery(allInTitle), toTsQuery(inTitle)]];
  }
  const parts = weighted.flatMap(({ expression: part, weight }) => [toTsQuery(part), weight]);
  const titled = candidates === 'all' ? [] : [toTsQuery(inTitle)];
  return [rankInPostgres(candidates, weighted.length), [...asked, ...parts, ...titled]];
}

function askSqlite(
  candidates: Candidates,
  { level: { expression }, ranking, filter, page: { limit, offset } }: Wanted,
  bound: number,
): Asked {
  const { inTitle, allInTitle, asTitle } = ranking;
  const tables = tablesFor(filter);
  const holding = toFts5(expression);
  const titled = (wanted: Expression) => `${holding} AND ${toFts5(wanted, IN_TITLE)}`;
  const ofEachTable = (matches: string[]) =>
    tables.flatMap(() => matches.flatMap((match) => [match, ...filterValuesInSqlite(filter), bound]));
  if (candidates === 'by title') {
    const matches = [titled(asTitle), titled(allInTitle), titled(inTitle), holding];
    return [rankByTitleInSqlite(filter), [...ofEachTable(matches), limit, offset]];
  }
  const asTitles = tables.map(() => toFts5(asTitle, IN_TITLE));
  const matches = candidates === 'all' ? [holding] : [titled(inTitle), holding];
  return [rankInSqlite(candidates, filter), [...asTitles, ...ofEachTable(matches), limit, offset]];
}
