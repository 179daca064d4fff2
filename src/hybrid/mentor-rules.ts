import type { Passage } from '../search/search.service.js';
import type { AnswerOf } from './answer-shapes.js';
import { keyTerms } from './key-terms.js';

export type MentorAnswer = AnswerOf<'mentor_sessions'>;

const QUOTED = 3;
const CONCEPTS = 5;

/** The best passages for the question, quoted with their chapters, and questions back to the learner. */
export function answerByRule(question: string, passages: Passage[]): MentorAnswer {
  const [best, ...others] = passages.slice(0, QUOTED);
  const concepts = keyTerms(passages.map(({ text }) => text).join('\n'))
    .slice(0, CONCEPTS)
    .map(({ form }) => form);
  if (!best) {
    return {
      response:
        'The course does not speak of this in the words of your question. Ask with other words, or name a chapter.',
      teaching_points: [],
      follow_up_questions: ['Which chapter were you reading when the question came up?'],
      related_concepts: keyTerms(question)
        .slice(0, CONCEPTS)
        .map(({ form }) => form),
    };
  }
  return {
    response: `The course says in “${best.title}”: “${best.text}”`,
    teaching_points: others.map(({ title, text }) => `“${title}”: “${text}”`),
    follow_up_questions: [
      `How would you put what “${best.title}” says into your own words?`,
      ...others.slice(0, 1).map(({ title }) => `What does “${title}” add to it?`),
    ],
    related_concepts: concepts,
  };
}
