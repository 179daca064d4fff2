import { Injectable } from '@nestjs/common';
import { phrase } from './expression.js';
import type { Clause, SearchQuery } from './search-query.js';
import type { Option } from './ranking.js';
import { SearchRepository, type Stem } from './search.repository.js';
import { allowedEdits, editDistance, isSpelt, spellingVariants } from './spelling.js';

/** A clause of a query with what the catalogue knows of it. */
export interface KnownClause {
  clause: Clause;
  /** Null where no entry holds it. */
  exact: Option | null;
  /** The words of a clause of several that is not in quotes, each for itself. */
  words: Stem[];
  /** Stems of words that begin like the query's last one. */
  completions: Stem[];
  /** Stems of words that it may have been meant to be. */
  corrections: Stem[];
}

/** What is known of a query. */
export interface Known {
  clauses: KnownClause[];
  /** How many entries there are, at the most: some numbers may be free. */
  size: number;
}

const MAX_COMPLETIONS = 30;
const MAX_CORRECTIONS = 3;
/**
 * A word that so few entries hold is taken for a slip if another one, spelt nearly alike, is so many times as frequent.
 */
const TIMES_MORE_FREQUENT = 20;
const MAX_SLIPS = 3;

/** The words of the catalogue. */
@Injectable()
export class Vocabulary {
  constructor(private readonly repository: SearchRepository) {}

  /**
   * What the catalogue knows of a query, as far as the reader's plan lets it be told.
   * @param hasPlan whether the plan opens premium content
   */
  async know({ clauses, endsInPrefix }: SearchQuery, hasPlan: boolean): Promise<Known> {
    if (clauses.length === 0) return { clauses: [], size: 0 };
    const asked = clauses.flatMap(({ words, symbol }) => [
      ...words.map(({ stem }) => stem),
      ...(symbol ? [symbol] : []),
    ]);
    const last = clauses[clauses.length - 1].words[0];
    const beginning = endsInPrefix ? last.form : null;
    const { stems, completions, size } = await this.repository.lookUp([...new Set(asked)], beginning, {
      hasPlan,
      limit: MAX_COMPLETIONS,
    });
    const counts = new Map(stems.map(({ stem, entries }) => [stem, entries]));
    const known = clauses.map(async (clause, index): Promise<KnownClause> => {
      const isLast = endsInPrefix && index === clauses.length - 1;
      const exact = findExact(clause, counts);
      const isSingle = clause.words.length === 1 && !clause.isQuoted;
      const entries = exact?.entries ?? (isLast ? completions.length : 0);
      const mayBeSlip = isSingle && clause.symbol === null && entries <= MAX_SLIPS;
      return {
        clause,
        exact,
        words:
          isSingle || clause.isQuoted || (exact && clause.symbol)
            ? []
            : clause.words.flatMap(({ stem }) => toStem(stem, counts)),
        completions: isLast ? completions.filter((word) => isWord(word) && word.stem !== last.stem) : [],
        corrections: mayBeSlip ? await this.correct(clause.words[0].form, entries, hasPlan) : [],
      };
    });
    return { clauses: await Promise.all(known), size };
  }

  /** What a word may have been meant to be, which is much more frequent than the word itself. */
  private async correct(form: string, entries: number, hasPlan: boolean): Promise<Stem[]> {
    if (!isSpelt(form)) return [];
    const alike = await this.repository.findAlike(spellingVariants(form), hasPlan);
    return alike
      .map((word) => ({ ...word, distance: editDistance(form, word.word) }))
      .filter(({ word, distance }) => distance > 0 && distance <= Math.min(allowedEdits(form), allowedEdits(word)))
      .filter((word) => word.entries >= Math.max(1, entries * TIMES_MORE_FREQUENT))
      .sort((one, other) => one.distance - other.distance || other.entries - one.entries)
      .slice(0, MAX_CORRECTIONS)
      .map(({ stem, entries: frequency }) => ({ stem, entries: frequency }));
  }
}

/** Whether it is no piece of code. */
function isWord({ stem }: Stem): boolean {
  return /^[\p{L}\p{N}]+$/u.test(stem);
}

function toStem(stem: string, counts: ReadonlyMap<string, number>): Stem[] {
  const entries = counts.get(stem);
  return entries === undefined ? [] : [{ stem, entries }];
}

/** A piece of code as it is written, else its words; but "c" is not what `c++` is about. */
function findExact({ words, symbol }: Clause, counts: ReadonlyMap<string, number>): Option | null {
  const [known] = symbol === null ? [] : toStem(symbol, counts);
  if (known) return { expression: { word: known.stem }, entries: known.entries };
  if (symbol !== null && /[+#]$/.test(symbol)) return null;
  const found = words.flatMap(({ stem }) => toStem(stem, counts));
  if (found.length < words.length) return null;
  return {
    expression: phrase(found.map(({ stem }) => stem)),
    entries: Math.min(...found.map(({ entries }) => entries)),
  };
}
