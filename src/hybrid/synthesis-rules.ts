import type { AnswerOf } from './answer-shapes.js';
import { type KeyTerm, keyTerms, sentencesOf } from './key-terms.js';

/** How chapters belong together. */
export type Synthesis = AnswerOf<'synthesis'>;

export interface ChapterText {
  id: string;
  title: string;
  /** Without Markdown, one block to a line. */
  text: string;
}

export interface SharedTerm extends KeyTerm {
  /** The chapters that speak of it. */
  chapters: ChapterText[];
}

const MAX_TERMS = 6;
const MAX_SENTENCE = 300;
/** A sentence of prose; code is quoted only where there is none. */
const PROSE = /^\p{Lu}[^={}[\]<>|_]*[.!?]$/u;
/** What a learner can do with a term stands in sentences such as these. */
const ADVICE = /\b(use|using|when|should|prefer|avoid|try|write|call|choose)\b/i;

/** The terms that at least two of the chapters share, those of most chapters first. */
export function sharedTerms(chapters: ChapterText[]): SharedTerm[] {
  const shared = new Map<string, SharedTerm>();
  for (const chapter of chapters) {
    for (const term of keyTerms(`${chapter.title}\n${chapter.text}`)) {
      const known = shared.get(term.stem) ?? { ...term, count: 0, chapters: [] };
      shared.set(term.stem, { ...known, count: known.count + term.count, chapters: [...known.chapters, chapter] });
    }
  }
  return [...shared.values()]
    .filter((term) => term.chapters.length > 1)
    .sort((one, other) => other.chapters.length - one.chapters.length || other.count - one.count);
}

/** What the chapters share, with the sentences that connect them, each with its chapter. */
export function synthesizeByRule(chapters: ChapterText[], goals: string[]): Synthesis {
  const wanted = new Set(keyTerms(goals.join(' ')).map(({ stem }) => stem));
  const all = sharedTerms(chapters);
  const terms = [...all.filter(({ stem }) => wanted.has(stem)), ...all.filter(({ stem }) => !wanted.has(stem))].slice(
    0,
    MAX_TERMS,
  );
  const about = new Set(terms.map(({ stem }) => stem));
  const titles = chapters.map(({ title }) => `“${title}”`).join(', ');
  return {
    synthesized_concepts: terms.map(
      ({ form, chapters: where, count }) =>
        `${form}: ${count} times in ${where.length} of the ${chapters.length} chapters`,
    ),
    connections_identified: terms.flatMap((term) => {
      const quotes = term.chapters
        .slice(0, 2)
        .flatMap((chapter) => quote(chapter, (text) => densityOf(text, new Set([term.stem]), about)));
      return quotes.length === 2 ? [`${term.form}: ${quotes.join(' — ')}`] : [];
    }),
    big_picture_insights: [
      terms.length > 0
        ? `${titles} have ${terms.map(({ form }) => form).join(', ')} in common.`
        : `${titles} have no key term in common.`,
    ],
    practical_applications: chapters.flatMap((chapter) =>
      quote(chapter, (text) => (ADVICE.test(text) ? densityOf(text, about, about) : 0)),
    ),
  };
}

/** The sentence of a chapter that counts most, with where it stands; none if none counts. */
function quote({ title, text }: ChapterText, score: (sentence: string) => number): string[] {
  const said = sentencesOf(text)
    .filter(({ length }) => length >= 20 && length <= MAX_SENTENCE)
    .map((sentence) => ({ sentence, score: score(sentence) }))
    .filter((one) => one.score > 0)
    .sort((one, other) => other.score - one.score);
  const best = said.find(({ sentence }) => PROSE.test(sentence)) ?? said.at(0);
  return best ? [`${best.sentence} (${title})`] : [];
}

/** How many of the terms a sentence speaks of; 0 unless it speaks of a required one. */
function densityOf(sentence: string, required: Set<string>, about: Set<string>): number {
  const said = keyTerms(sentence).map(({ stem }) => stem);
  if (!said.some((stem) => required.has(stem))) return 0;
  return said.filter((stem) => about.has(stem)).length + 1 / (1 + sentence.length);
}
