import { all, any, except, type Expression, phrase } from './expression.js';
import type { Clause, SearchQuery } from './search-query.js';
import type { Option, Ranking, Weighted } from './ranking.js';
import type { Stem } from './search.repository.js';
import type { Known, KnownClause } from './vocabulary.js';

/** What entries have to hold, from the nearest to the query to the farthest; each level holds those before it too. */
export interface SearchPlan extends Ranking {
  levels: Option[];
  /** What each stem counts in an excerpt. */
  weights: ReadonlyMap<string, number>;
}

/** So many entries are looked at for one word of a query or another; words that bring more count where others do. */
const MAX_FOUND_BY_ANY = 5000;
/** So many entries are looked at for all words of a query. */
const MAX_LOOKED_AT = 120_000;
/** Of a long query the rarest clauses decide the order. */
const MAX_WEIGHTED = 12;

/**
 * All words first, then all with the last one as a beginning, then all with slips mended; after them any word, and any
 * word with slips mended. A quoted phrase has to be held always.
 * @returns null where nothing can be found
 */
export function planSearch({ excluded, words }: SearchQuery, { clauses, size }: Known): SearchPlan | null {
  const known = telling(clauses);
  const must = known.filter(({ clause }) => clause.isQuoted).map(({ exact }) => exact);
  if (known.length === 0 || must.includes(null)) return null;
  const exact = known.map(exactOptions);
  const completed = known.map((clause) => [...exactOptions(clause), ...clause.completions.map(toOption)]);
  const corrected = known.map((clause, index) => [...completed[index], ...clause.corrections.map(toOption)]);
  const withWords = (options: Option[][]) => [...options, ...known.map(({ words }) => words.map(toOption))];
  const found = [
    ofAll(exact),
    ofAll(completed),
    ofAll(corrected),
    ...(must.length > 0
      ? [ofAll(must.map((option) => (option ? [option] : [])))]
      : [ofAny(withWords(completed).flat()), ofAny(withWords(corrected).flat())]),
  ];
  const without = excluded.map(expressionOf);
  const levels = distinct(found.filter((level) => level !== null)).map(({ expression, entries }) => ({
    expression: except(expression, without),
    entries,
  }));
  if (levels.length === 0) return null;
  return {
    levels,
    inTitle: anyOf(affordable(withWords(corrected).flat())),
    allInTitle: all(known.map(({ clause }) => expressionOf(clause))),
    asTitle: phrase(words),
    weighted: weigh(known, size),
    weights: excerptWeights(known, size),
  };
}

/** In a long query the commonest clauses are left out where they stand in too many entries to be looked at. */
function telling(clauses: KnownClause[]): KnownClause[] {
  const entriesOf = ({ clause, exact }: KnownClause) => (clause.isQuoted ? 0 : (exact?.entries ?? 0));
  const byRarity = [...clauses].sort((one, other) => entriesOf(one) - entriesOf(other));
  let entries = 0;
  const kept = new Set(
    byRarity.filter((clause, index) => (entries += entriesOf(clause)) <= MAX_LOOKED_AT || index === 0),
  );
  return clauses.filter((clause) => kept.has(clause));
}

/** Entries that hold one of the options of every clause. */
function ofAll(options: Option[][]): Option | null {
  const each = options.map(ofAny);
  const found = each.filter((option) => option !== null);
  if (found.length < each.length) return null;
  return {
    expression: all(found.map(({ expression }) => expression)),
    entries: Math.min(...found.map(({ entries }) => entries)),
  };
}

/** Entries that hold any of the options. */
function ofAny(options: Option[]): Option | null {
  const found = affordable(options);
  return found.length > 0 ? { expression: anyOf(found), entries: sum(found) } : null;
}

function anyOf(options: Option[]): Expression {
  return any(options.map(({ expression }) => expression));
}

/** The rarest options, at least one, as long as not too many entries have to be looked at for them. */
function affordable(options: Option[]): Option[] {
  const byRarity = [...options].sort((one, other) => one.entries - other.entries);
  let entries = 0;
  return byRarity.filter((option, index) => (entries += option.entries) <= MAX_FOUND_BY_ANY || index === 0);
}

function distinct(levels: Option[]): Option[] {
  return [...new Map(levels.map((level) => [JSON.stringify(level.expression), level])).values()];
}

/** What each clause counts in the order of what is found, however an entry holds it. */
function weigh(known: KnownClause[], size: number): Weighted[] {
  const weighted = known.flatMap((clause) => {
    const nearest = exactOptions(clause);
    const rest = [clause.completions, clause.words, clause.corrections].flat().map(toOption);
    return [
      ...nearest.map(({ expression, entries }) => ({ expression, weight: rarity(entries, size) })),
      ...(rest.length > 0 ? [{ expression: anyOf(rest), weight: rarity(sum(rest), size) / 2 }] : []),
    ];
  });
  return weighted.sort((one, other) => other.weight - one.weight).slice(0, MAX_WEIGHTED);
}

function sum(options: Option[]): number {
  return options.reduce((entries, option) => entries + option.entries, 0);
}

/** How much a word tells that so many of all entries hold (the inverse document frequency of BM25). */
function rarity(entries: number, size: number): number {
  const held = Math.min(entries, size);
  return Math.log(1 + (size - held + 0.5) / (held + 0.5));
}

function excerptWeights(known: KnownClause[], size: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { clause, exact, words, completions, corrections } of known) {
    for (const { stem, entries } of [...completions, ...corrections, ...words])
      weights.set(stem, rarity(entries, size) / 2);
    for (const { stem } of clause.words) weights.set(stem, rarity(exact?.entries ?? 0, size));
  }
  return weights;
}

function exactOptions({ exact }: KnownClause): Option[] {
  return exact ? [exact] : [];
}

function toOption({ stem, entries }: Stem): Option {
  return { expression: { word: stem }, entries };
}

/** What an entry holds that holds the clause. */
function expressionOf({ words, symbol }: Clause): Expression {
  return phrase(symbol !== null ? [symbol] : words.map(({ stem }) => stem));
}
