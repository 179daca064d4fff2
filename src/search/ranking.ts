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

/**
 * How many of the entries that hold a title's word, and of all others, are ranked. They are the same for every page;
 * what else there is follows behind them as it stands in the index.
 */
const CANDIDATES = 250;

/**
 * What more entries hold is so common that it says little how often one does, and to weigh it takes longer the more
 * there are, as FTS5's bm25 goes through all of them first. Then titles alone decide, and fewer of each kind are enough.
 */
const COMMONPLACE = 2000;
const CANDIDATES_BY_TITLE = 64;

/** The statement that ranks what is wanted, and its parameters. */
export function askRanked(wanted: Wanted, isPostgres: boolean): Asked {
  const { entries } = wanted.level;
  const candidates = entries <= CANDIDATES ? 'all' : entries <= COMMONPLACE ? 'titles first' : 'by title';
  return isPostgres ? askPostgres(candidates, wanted) : askSqlite(candidates, wanted);
}

/**
 * How many candidates of each kind are taken, and whether the page lies behind them. Ranked by title all of one kind are
 * alike, so that as many as the page needs are the first of however many there are.
 */
function boundsOf(candidates: Candidates, { limit, offset }: PageBounds): { bound: number; isBehind: boolean } {
  if (candidates === 'by title') return { bound: Math.max(CANDIDATES_BY_TITLE, limit + offset), isBehind: false };
  return { bound: CANDIDATES, isBehind: candidates === 'titles first' && limit + offset > CANDIDATES };
}

function askPostgres(candidates: Candidates, { level: { expression }, ranking, filter, page }: Wanted): Asked {
  const { bound, isBehind } = boundsOf(candidates, page);
  const { inTitle, allInTitle, asTitle, weighted } = ranking;
  const asked = [
    toTsQuery(expression),
    ...filterValuesInPostgres(filter),
    bound,
    page.limit,
    page.offset,
    toTsQuery(asTitle),
  ];
  if (candidates === 'by title') {
    return [RANK_BY_TITLE_IN_POSTGRES, [...asked, toTsQuery(allInTitle), toTsQuery(inTitle)]];
  }
  const parts = weighted.flatMap(({ expression: part, weight }) => [toTsQuery(part), weight]);
  const titled = candidates === 'all' ? [] : [toTsQuery(inTitle)];
  return [rankInPostgres(candidates, weighted.length, isBehind), [...asked, ...parts, ...titled]];
}

function askSqlite(candidates: Candidates, { level: { expression }, ranking, filter, page }: Wanted): Asked {
  const { bound, isBehind } = boundsOf(candidates, page);
  const { inTitle, allInTitle, asTitle } = ranking;
  const tables = tablesFor(filter);
  const holding = toFts5(expression);
  const titled = (wanted: Expression) => `${holding} AND ${toFts5(wanted, IN_TITLE)}`;
  const ofEachTable = (matches: string[], most: number) =>
    tables.flatMap(() => matches.flatMap((match) => [match, ...filterValuesInSqlite(filter), most]));
  if (candidates === 'by title') {
    const matches = [titled(asTitle), titled(allInTitle), titled(inTitle), holding];
    return [rankByTitleInSqlite(filter), [...ofEachTable(matches, bound), page.limit, page.offset]];
  }
  const asTitles = tables.map(() => toFts5(asTitle, IN_TITLE));
  const matches = candidates === 'all' ? [holding] : [titled(inTitle), holding];
  const rest = isBehind ? ofEachTable([holding], page.limit + page.offset) : [];
  const found = [...ofEachTable(matches, bound), ...rest];
  return [rankInSqlite(candidates, filter, isBehind), [...asTitles, ...found, page.limit, page.offset]];
}
