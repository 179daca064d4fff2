import { turns } from '../common/turns.js';
import type { AnswerOf } from './answer-shapes.js';
import { type KeyTerm, keyTerms, sentencesOf, stemsOf } from './key-terms.js';

/** How chapters belong together. */
export type Synthesis = AnswerOf<'synthesis'>;

export interface ChapterText {
  title: string;
  /** Without Markdown, one block to a line. */
  text: string;
  /** What the title and the text are about. */
  terms: KeyTerm[];
}

interface Sentence {
  text: string;
  /** Of the words that it is about. */
  stems: string[];
}

export interface SharedTerm extends KeyTerm {
  /** The chapters that speak of it. */
  chapters: ChapterText[];
}

const MAX_TERMS = 6;
const MIN_SENTENCE = 20;
const MAX_SENTENCE = 300;
/** A sentence of prose; code is quoted only where there is none. */
const PROSE = /^\p{Lu}[^={}[\]<>|_]*[.!?]$/u;
/** What a learner can do with a term stands in sentences such as these. */
const ADVICE = /\b(use|using|when|should|prefer|avoid|try|write|call|choose)\b/i;

/** @param text without Markdown, one block to a line */
export function readChapter(title: string, text: string): ChapterText {
  return { title, text, terms: keyTerms(`${title}\n${text}`) };
}

/** The terms that at least two of the chapters share, those of most chapters first. */
export function sharedTerms(chapters: ChapterText[]): SharedTerm[] {
  const shared = new Map<string, SharedTerm>();
  for (const chapter of chapters) {
    for (const term of chapter.terms) {
      const known = shared.get(term.stem) ?? { ...term, count: 0, chapters: [] };
      shared.set(term.stem, { ...known, count: known.count + term.count, chapters: [...known.chapters, chapter] });
    }
  }
  return [...shared.values()]
    .filter((term) => term.chapters.length > 1)
    .sort((one, other) => other.chapters.length - one.chapters.length || other.count - one.count);
}

/** What the chapters share, with the sentences that connect them, each with its chapter. */
export async function synthesizeByRule(chapters: ChapterText[], goals: string[]): Promise<Synthesis> {
  const wanted = new Set(stemsOf(goals.join(' ')));
  const all = sharedTerms(chapters);
  const terms = [...all.filter(({ stem }) => wanted.has(stem)), ...all.filter(({ stem }) => !wanted.has(stem))].slice(
    0,
    MAX_TERMS,
  );
  const about = new Set(terms.map(({ stem }) => stem));
  const sentences = new Map<ChapterText, Sentence[]>();
  for (const chapter of chapters) {
    sentences.set(chapter, readSentences(chapter.text));
    await turns.next();
  }
  const quote = (chapter: ChapterText, score: (sentence: Sentence) => number) =>
    best(sentences.get(chapter) ?? [], score).map((text) => `${text} (${chapter.title})`);
  const titles = chapters.map(({ title }) => `“${title}”`).join(', ');
  return {
    synthesized_concepts: terms.map(
      ({ form, chapters: where, count }) =>
        `${form}: ${count} times in ${where.length} of the ${chapters.length} chapters`,
    ),
    connections_identified: terms.flatMap((term) => {
      const quotes = term.chapters
        .slice(0, 2)
        .flatMap((chapter) => quote(chapter, (sentence) => densityOf(sentence, new Set([term.stem]), about)));
      return quotes.length === 2 ? [`${term.form}: ${quotes.join(' — ')}`] : [];
    }),
    big_picture_insights: [
      terms.length > 0
        ? `${titles} have ${terms.map(({ form }) => form).join(', ')} in common.`
        : `${titles} have no key term in common.`,
    ],
    practical_applications: chapters.flatMap((chapter) =>
      quote(chapter, (sentence) => (ADVICE.test(sentence.text) ? densityOf(sentence, about, about) : 0)),
    ),
  };
}

function readSentences(text: string): Sentence[] {
  return sentencesOf(text)
    .filter(({ length }) => length >= MIN_SENTENCE && length <= MAX_SENTENCE)
    .map((sentence) => ({ text: sentence, stems: stemsOf(sentence) }));
}

/** The text of the sentence that counts most; none if none counts. */
function best(sentences: Sentence[], score: (sentence: Sentence) => number): string[] {
  const said = sentences
    .map((sentence) => ({ sentence, score: score(sentence) }))
    .filter((one) => one.score > 0)
    .sort((one, other) => other.score - one.score);
  const first = said.find(({ sentence }) => PROSE.test(sentence.text)) ?? said.at(0);
  return first ? [first.sentence.text] : [];
}

/** How many of the terms a sentence speaks of; 0 unless it speaks of a required one. */
function densityOf({ text, stems }: Sentence, required: Set<string>, about: Set<string>): number {
  if (!stems.some((stem) => required.has(stem))) return 0;
  return stems.filter((stem) => about.has(stem)).length + 1 / (1 + text.length);
}
