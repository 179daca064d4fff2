import { withoutInvisible } from '../common/text.js';
import { readWords } from '../search/words.js';

/** So many words in a row are no accident. */
const RUN = 8;

/** Whether a text holds eight words in a row of one of the secrets. */
export function quotesAny(text: string, secrets: string[]): boolean {
  const runs = new Set(secrets.flatMap(runsOf));
  return runsOf(text).some((run) => runs.has(run));
}

function runsOf(text: string): string[] {
  // Numbers between the words and what cannot be seen make it no other text.
  const words = readWords(withoutInvisible(text))
    .words.map(({ form }) => form)
    .filter((form) => !/^\d+$/.test(form));
  return words.slice(0, Math.max(0, words.length - RUN + 1)).map((_word, at) => words.slice(at, at + RUN).join(' '));
}

/** Every text in an answer, however deep. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
