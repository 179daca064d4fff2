import { findWords } from './words.js';

/** How many characters an excerpt has at the most, without the marks around its matches. */
export const EXCERPT_LENGTH = 300;
/** What is kept free around the first and the last match. */
const ROOM_AROUND = 80;
/** What is longer is no word. */
const MAX_MATCH = 200;
const ELLIPSIS = '…';

/** A word that was asked for, and where in the text it stands. */
export interface Match {
  stem: string;
  start: number;
  end: number;
}

/** A passage of a text. */
export interface Excerpt {
  /** Its matches in `**`. */
  marked: string;
  /** Those of its matches for which it was chosen. */
  matches: Match[];
}

/**
 * The passage of a text that says most of what was asked for; the beginning where nothing matches.
 * @param text blocks, one to a line, and nowhere two asterisks in a row: they would be taken for a match's
 * @param weights what each stem counts; a stem that is not in it is no match
 * @param length how many characters it has at the most, without the marks
 */
export function excerpt(text: string, weights: ReadonlyMap<string, number>, length = EXCERPT_LENGTH): Excerpt {
  const matches = findMatches(text, weights);
  const run = bestRun(matches, weights, length - ROOM_AROUND);
  const [start, end] = surround(text, run.at(0)?.start ?? 0, run.at(-1)?.end ?? 0, length);
  const head = start > 0 && !isBlockStart(text, start) ? ELLIPSIS : '';
  const tail = end < text.length && text[end] !== '\n' ? ELLIPSIS : '';
  let marked = head;
  let at = start;
  for (const match of matches) {
    if (match.start < at || match.end > end) continue;
    marked += `${text.slice(at, match.start).replace(/^\*|\*$/g, ' ')}**${text.slice(match.start, match.end)}**`;
    at = match.end;
  }
  marked = (marked + text.slice(at, end).replace(/^\*/, ' ')).replace(/\s+/g, ' ').trim() + tail;
  return { marked, matches: run };
}

/** Where the words stand that match; names like `HashMap` match by their parts too. */
function findMatches(text: string, weights: ReadonlyMap<string, number>): Match[] {
  const matches = findWords(text, new Set(weights.keys())).filter(({ start, end }) => end - start <= MAX_MATCH);
  return matches.sort((one, other) => one.start - other.start);
}

/** The matches in a row that count most: each stem counts once, and a little when it comes again. */
function bestRun(matches: Match[], weights: ReadonlyMap<string, number>, within: number): Match[] {
  let best = [0, 0];
  let bestScore = 0;
  const counts = new Map<string, number>();
  let score = 0;
  const count = (stem: string, step: 1 | -1) => {
    const before = counts.get(stem) ?? 0;
    counts.set(stem, before + step);
    const isFirst = Math.min(before, before + step) === 0;
    score += step * (weights.get(stem) ?? 0) * (isFirst ? 1 : 0.1);
  };
  let from = 0;
  for (const [index, match] of matches.entries()) {
    count(match.stem, 1);
    for (; match.end - matches[from].start > within && matches[from] !== match; from++) count(matches[from].stem, -1);
    if (score > bestScore + 1e-9) [best, bestScore] = [[from, index + 1], score];
  }
  return matches.slice(...best);
}

/** Widens a run to whole words, from the beginning of its sentence where there is room, up to the excerpt's length. */
function surround(text: string, first: number, last: number, length: number): [number, number] {
  const room = length - 2 * ELLIPSIS.length - (last - first);
  const earliest = Math.max(0, first - Math.floor(room * 0.6));
  const start = sentenceStart(text, earliest, first) ?? wordStart(text, earliest, first);
  const latest = Math.min(text.length, start + length - 2 * ELLIPSIS.length);
  return [start, latest === text.length ? latest : wordEnd(text, latest, last)];
}

function sentenceStart(text: string, earliest: number, first: number): number | null {
  if (earliest === 0) return 0;
  const starts = [...text.slice(earliest - 1, first).matchAll(/\n|[.!?:] (?=\S)/g)];
  const found = starts.at(0);
  return found ? earliest - 1 + found.index + found[0].length : null;
}

function isBlockStart(text: string, start: number): boolean {
  return text[start - 1] === '\n' || /[.!?:] $/.test(text.slice(start - 2, start));
}

function wordStart(text: string, earliest: number, first: number): number {
  const space = text.slice(earliest, first).search(/\s/);
  return space < 0 ? first : earliest + space + 1;
}

function wordEnd(text: string, latest: number, last: number): number {
  const space = Math.max(text.lastIndexOf(' ', latest), text.lastIndexOf('\n', latest));
  if (space > last) return space;
  return isFirstHalf(text.charCodeAt(latest - 1)) ? latest - 1 : latest;
}

/** Whether a character needs the code unit after this one. */
function isFirstHalf(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit < 0xdc00;
}
