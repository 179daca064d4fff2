import { closest, distance } from 'fastest-levenshtein';

/** Whatever is longer is no slip of the finger, and would take long to compare. */
const MAX_COMPARED_LENGTH = 100;
const MAX_QUOTED_LENGTH = 80;

/**
 * The end of a message about a mistyped name: `; is 'title' meant?` for the nearest known one, empty where none is
 * near.
 */
export function suggestion(name: string, known: readonly string[]): string {
  const candidates = known.filter(({ length }) => length <= MAX_COMPARED_LENGTH);
  if (name.length > MAX_COMPARED_LENGTH || candidates.length === 0) return '';
  const candidate = closest(name, candidates);
  return distance(name, candidate) <= Math.max(2, name.length / 3) ? `; is '${candidate}' meant?` : '';
}

/** A text as a message can quote it: its first 80 characters. */
export function shorten(text: string): string {
  return text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
}
