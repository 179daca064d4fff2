import { stem } from 'porter2';
import { fold } from '../common/text.js';

/**
 * The words of a text as both databases index them and as a query asks for them. This is the one place that decides
 * what a word is: the indexes take what they are given as it is.
 */

/** A word, and where it stands in the text. */
export interface Word {
  /** Without case and accents. */
  form: string;
  /** What the forms of one word share (Porter's English stemmer of 2002, "Porter2"). */
  stem: string;
  start: number;
  end: number;
}

/** The words of a text in their order, and what is found beside them. */
export interface Words {
  /** `__init__` is here as "init", `snake_case` as "snake" and "case", `Box<T>` as "box" and "t". */
  words: Word[];
  /** Identifiers and marks as they are written: `__init__`, `snake_case`, `c++`, `#[derive`, `@property`, `vec!`. */
  symbols: string[];
  /** The parts of each name like `HashMap`, which is "hashmap" among the words. */
  parts: Word[][];
}

/** Longer runs of letters are no words that anyone would type. */
const MAX_WORD = 64;

/**
 * Letters, digits and underscores with an apostrophe between them, and the marks that make a name of a language or
 * code.
 */
const TOKEN =
  /#\[[\p{L}_][\p{L}\p{N}_]*|@[\p{L}_][\p{L}\p{N}_]*|[\p{L}\p{M}\p{N}_]+(?:['’]\p{L}+)*(?:\+\+|#(?![\p{L}\p{N}])|!(?![=\p{L}\p{N}]))?/gu;

const TOKEN_AT = new RegExp(TOKEN.source, 'uy');

/** Scripts that write words without a space between them: every character is a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const UNSPACED_OR_WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;

/** The words of a text, of at most `MAX_WORD` characters each. */
export function readWords(text: string): Words {
  const found: Words = { words: [], symbols: [], parts: [] };
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const { forms, symbol, parts } = readToken(token);
    for (const { form, stem } of forms) found.words.push({ form, stem, start: index, end: index + token.length });
    if (symbol !== null) found.symbols.push(symbol);
    if (parts.length > 0) found.parts.push(parts.map((part) => ({ ...part, start: index, end: index + token.length })));
  }
  return found;
}

/**
 * The words of a text, and the parts of its names, that have one of these stems. Quicker than to read the whole text:
 * only what begins like a stem is read.
 */
export function findWords(text: string, stems: ReadonlySet<string>): Word[] {
  if (stems.size === 0) return [];
  if ([...stems].some((one) => !/^[a-z0-9]+$/.test(one)) || ACCENTED.test(text))
    return allWords(readWords(text), stems);
  const found: Word[] = [];
  // English stems keep a word's beginning but for its last letter: "happi" is of "happy".
  const beginnings = new RegExp([...stems].map((one) => one.slice(0, Math.max(2, one.length - 1))).join('|'), 'gi');
  for (let match = beginnings.exec(text); match; match = beginnings.exec(text)) {
    TOKEN_AT.lastIndex = tokenStart(text, match.index);
    const token = TOKEN_AT.exec(text);
    if (!token) continue;
    const words = allWords(readWords(token[0]), stems);
    found.push(...words.map((word) => ({ ...word, start: token.index, end: token.index + token[0].length })));
    beginnings.lastIndex = Math.max(beginnings.lastIndex, token.index + token[0].length);
  }
  return found;
}

function allWords({ words, parts }: Words, stems: ReadonlySet<string>): Word[] {
  return [...words, ...parts.flat()].filter((word) => stems.has(word.stem));
}

function tokenStart(text: string, index: number): number {
  let start = index;
  while (start > 0 && /[\p{L}\p{M}\p{N}_'’@]/u.test(text[start - 1])) start--;
  return start;
}

function isEnglish(form: string): boolean {
  return /^[a-z]+$/.test(form);
}

/** Letters that folding makes English ones. */
const ACCENTED = /[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff\ufb00-\uffef]/;

type Form = Pick<Word, 'form' | 'stem'>;

interface Token {
  forms: Form[];
  symbol: string | null;
  parts: Form[];
}

/** What tokens were read as; most of a text's are among the few thousand commonest. */
const known = new Map<string, Token>();
const MAX_KNOWN = 20_000;

function readToken(token: string): Token {
  const seen = known.get(token);
  if (seen) return seen;
  if (known.size >= MAX_KNOWN) known.clear();
  const read = analyse(token);
  known.set(token, read);
  return read;
}

function analyse(token: string): Token {
  const name = token.replace(/^#\[|^@|(\+\+|#|!)$/g, '');
  const bare = name.replace(/['’]s$/i, '').replace(/['’]/g, '');
  const isSymbol = name !== token || (name.includes('_') && bare.replaceAll('_', '') !== '');
  return {
    forms: toForms(bare.split('_')),
    symbol: isSymbol ? fold(token).slice(0, MAX_WORD) : null,
    parts: bare.split('_').flatMap((part) => {
      const humps = part.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}\p{N}]+|\p{Lu}/gu) ?? [];
      return humps.length > 1 && /\p{Ll}\p{Lu}/u.test(part) ? toForms(humps) : [];
    }),
  };
}

/** Folding may part a letter into several words: "⑴" is "(1)", an Arabic ligature a whole phrase. */
function toForms(parts: string[]): Form[] {
  return parts
    .flatMap((part) => fold(part).match(/[\p{L}\p{N}]+/gu) ?? [])
    .flatMap((word) => (UNSPACED.test(word) ? (word.match(UNSPACED_OR_WORD) ?? []) : [word]))
    .map((word) => word.slice(0, MAX_WORD).toWellFormed())
    .map((form) => ({ form, stem: isEnglish(form) ? stem(form) : form }));
}
