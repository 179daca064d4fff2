import { readWords, type Word } from './words.js';

/** One thing that a query asks for: a word, a phrase, or a piece of code. */
export interface Clause {
  /** At least one; more than one stand side by side. */
  words: Pick<Word, 'form' | 'stem'>[];
  /** How a single piece of code is written, such as `__init__` or `c++`, for a text that holds it so. */
  symbol: string | null;
  /** Whether it was put in quotes, so that nothing without it is found. */
  isQuoted: boolean;
}

export interface SearchQuery {
  clauses: Clause[];
  /** The stems of all words, those of no clause too, in their order. */
  words: string[];
  /** What no hit holds. */
  excluded: Clause[];
  /** Whether the last clause is a word that may not be typed to its end. */
  endsInPrefix: boolean;
}

/** Words that a question is made of, which say nothing of what it asks for as long as there are others. */
const FUNCTION_WORDS = new Set(
  `a about after also am an and any are as at be been before being both but by can cant could did didnt do does doesnt
  doing dont each else even every for from get gets give had has have having he her here him his how i if im in into
  is isnt it its just let lets like make me mean means more my need no not of on one only or other our out please same
  she should show so some such tell than that the their them then there these they thing things this those to too use
  used using very want was way we were what whats when where which who whom whose why will with without would you your`.split(
    /\s+/,
  ),
);

/** More, but for those in quotes, would make a query that costs much and finds nothing. */
const MAX_CLAUSES = 16;

/** Reads what a learner typed: words, "quoted phrases", and with a - before it what no hit may hold. */
export function readQuery(text: string): SearchQuery {
  const clauses: Clause[] = [];
  const excluded: Clause[] = [];
  let last: Clause | null = null;
  for (const { 1: minus, 2: phrase, 3: bare } of text.replace(/[“”„«»]/g, '"').matchAll(PIECE)) {
    const clause = toClause(phrase ?? bare, phrase !== undefined);
    if (!clause) continue;
    (minus ? excluded : clauses).push(clause);
    last = minus ? null : clause;
  }
  const telling = clauses.filter((clause) => !saysNothing(clause));
  const kept = limited(distinct(telling.length > 0 ? telling : clauses));
  const isWord = last !== null && !last.isQuoted && last.symbol === null && last.words.length === 1;
  const endsInPrefix = isWord && kept.at(-1) === last;
  const words = readWords(text).words.map(({ stem }) => stem);
  return { clauses: kept, words, excluded: distinct(excluded).slice(0, MAX_CLAUSES), endsInPrefix };
}

/** A quoted phrase or what stands between spaces; two dashes are a command's option, a dash alone is nothing. */
const PIECE = /(-(?=[^\s-]))?(?:"([^"]*)"|([^\s"]+))/g;

function toClause(text: string, isQuoted: boolean): Clause | null {
  const { words, symbols } = readWords(text);
  if (words.length === 0) return null;
  const isOneToken = words.every(({ start }) => start === words[0].start);
  return { words, symbol: !isQuoted && isOneToken ? (symbols.at(0) ?? null) : null, isQuoted };
}

/** Whether a word, without case and accents, says nothing for itself. */
export function isFunctionWord(form: string): boolean {
  return FUNCTION_WORDS.has(form);
}

function saysNothing({ words, symbol, isQuoted }: Clause): boolean {
  return !isQuoted && symbol === null && words.every(({ form }) => isFunctionWord(form));
}

/** Of several that are alike one in quotes stays, else the last; in the place of the last, as that may be a prefix. */
function distinct(clauses: Clause[]): Clause[] {
  const kept = new Map<string, Clause>();
  for (const clause of clauses) {
    const key = clause.symbol ?? clause.words.map(({ stem }) => stem).join(' ');
    const known = kept.get(key);
    kept.delete(key);
    kept.set(key, known?.isQuoted ? known : clause);
  }
  return [...kept.values()];
}

/** As many as are asked for, and all in quotes, which have to be held. */
function limited(clauses: Clause[]): Clause[] {
  let left = MAX_CLAUSES;
  return clauses.filter(({ isQuoted }) => left-- > 0 || isQuoted);
}
