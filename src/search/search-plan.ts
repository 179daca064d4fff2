import { all, any, type Expression } from './expression.js';
import type { Clause, SearchQuery } from './search-query.js';
import type { Ranking, Stem, Weighted } from './search.repository.js';
import type { Known, KnownClause, Option } from './vocabulary.js';

/** What entries have to hold, from the nearest to the query to the farthest; each level holds those before it too. */
export interface SearchPlan extends Ranking {
  levels: Expression[];
  /** What each stem counts in an excerpt. */
  weights: ReadonlyMap<string, number>;
}

/** So many entries are looked at for one word of a query or another; words that bring more count where others do. */
const MAX_FOUND_BY_ANY = 50_000;
/** Of a long query the rarest clauses decide the order. */
const MAX_WEIGHTED = 12;

/**
 * All words first, then all with the last one as a beginning, then all with slips mended; after them any word, and any
 * word with slips mended. A quoted phrase has to be held always.
 * @returns null where nothing can be found
 */
export function planSearch({ excluded, words }: SearchQuery, { clauses: known, size }: Known): SearchPlan | null {
  const must = known.filter(({ clause }) => clause.isQuoted).map(({ exact }) => exact);
  if (known.length === 0 || must.includes(null)) return null;
  const exact = known.map(exactOptions);
  const completed = known.map((clause) => [...exactOptions(clause), ...clause.completions.map(toOption)]);
  const corrected = known.map((clause, index) => [...completed[index], ...clause.corrections.map(toOption)]);
  const withWords = (options: Option[][]) => [...options, ...known.map(({ words }) => words.map(toOption))];
  const expressions = [
    ofAll(exact),
    ofAll(completed),
    ofAll(corrected),
    ...(must.length > 0
      ? [all(must.flatMap((option) => option?.expression ?? []))]
      : [ofAny(withWords(completed)), ofAny(withWords(corrected))]),
  ];
  const without = excluded.map(expressionOf);
  const levels = distinct(expressions.filter((expression) => expression !== null)).map((expression) =>
    without.length > 0 ? { find: expression, without: any(without) } : expression,
  );
  if (levels.length === 0) return null;
  return {
    levels,
    inTitle: any(affordable(withWords(corrected).flat()).map(({ expression }) => expression)),
    asTitle: words.length === 1 ? { word: words[0] } : { phrase: words },
    weighted: weigh(known, size),
    weights: excerptWeights(known, size),
  };
}

function ofAll(options: Option[][]): Expression | null {
  if (options.some((some) => some.length === 0)) return null;
  return all(options.map((some) => any(affordable(some).map(({ expression }) => expression))));
}

function ofAny(options: Option[][]): Expression | null {
  const found = affordable(options.flat());
  return found.length > 0 ? any(found.map(({ expression }) => expression)) : null;
}

/** The rarest options, at least one, as long as not too many entries have to be looked at for them. */
function affordable(options: Option[]): Option[] {
  const byRarity = [...options].sort((one, other) => one.entries - other.entries);
  let entries = 0;
  return byRarity.filter((option, index) => (entries += option.entries) <= MAX_FOUND_BY_ANY || index === 0);
}

function distinct(expressions: Expression[]): Expression[] {
  return [...new Map(expressions.map((expression) => [JSON.stringify(expression), expression])).values()];
}

/** What each clause counts in the order of what is found, however an entry holds it. */
function weigh(known: KnownClause[], size: number): Weighted[] {
  const weighted = known.flatMap((clause) => {
    const nearest = exactOptions(clause);
    const rest = [clause.completions, clause.words, clause.corrections].flat().map(toOption);
    return [
      ...nearest.map(({ expression, entries }) => ({ expression, weight: rarity(entries, size) })),
      ...(rest.length > 0
        ? [{ expression: any(rest.map(({ expression }) => expression)), weight: raritySum(rest, size) / 2 }]
        : []),
    ];
  });
  return weighted.sort((one, other) => other.weight - one.weight).slice(0, MAX_WEIGHTED);
}

function raritySum(options: Option[], size: number): number {
  return rarity(
    options.reduce((sum, { entries }) => sum + entries, 0),
    size,
  );
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
export function expressionOf({ words, symbol }: Clause): Expression {
  if (symbol !== null) return { word: symbol };
  return words.length === 1 ? { word: words[0].stem } : { phrase: words.map(({ stem }) => stem) };
}
