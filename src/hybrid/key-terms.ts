import { readWords } from '../search/words.js';
import { isFunctionWord } from '../search/search-query.js';

/** A word that a text is about. */
export interface KeyTerm {
  stem: string;
  /** As it is written most often. */
  form: string;
  /** How often it stands there. */
  count: number;
}

const MIN_LENGTH = 3;

/** The words that a text is about, the commonest first; those of one stem are one. */
export function keyTerms(text: string): KeyTerm[] {
  const terms = new Map<string, { count: number; forms: Map<string, number> }>();
  for (const { form, stem } of readWords(text).words) {
    if (form.length < MIN_LENGTH || isFunctionWord(form) || /^\d+$/.test(form)) continue;
    const term = terms.get(stem) ?? { count: 0, forms: new Map<string, number>() };
    term.count++;
    term.forms.set(form, (term.forms.get(form) ?? 0) + 1);
    terms.set(stem, term);
  }
  const list = Array.from(terms, ([stem, { count, forms }]) => ({ stem, count, form: commonest(forms) }));
  return list.sort((one, other) => other.count - one.count || one.form.localeCompare(other.form));
}

/** The stems of the words that a text is about, the commonest first. */
export function stemsOf(text: string): string[] {
  return keyTerms(text).map(({ stem }) => stem);
}

function commonest(forms: Map<string, number>): string {
  const [[form]] = [...forms].sort(([one, count], [other, others]) => others - count || one.localeCompare(other));
  return form;
}

/** The sentences of a text. */
export function sentencesOf(text: string): string[] {
  return (
    text
      .match(/[^.!?。！？\n]+[.!?。！？]*/gu)
      ?.map((sentence) => sentence.trim())
      .filter((sentence) => sentence !== '') ?? []
  );
}
