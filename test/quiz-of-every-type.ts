import type { Response } from 'light-my-request';
import type { Question } from '../src/quizzes/question.js';
import type { QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import type { Client, TestApp } from './test-app.js';

/** What every canary begins with; it stands in no text that anybody may read. */
export const CANARY = 'zqcanary';
/**
 * The key of the numeric question, which is no text; not the digits of a fraction, as a metric may be one (14/33 =
 * 0.42424…).
 */
export const NUMBER = 73_910_826;

/** The question that a model grades. */
export const ESSAY: Question = {
  id: 'essay',
  type: 'free_text',
  question: 'Why?',
  points: 5,
  rubric: `${CANARY}rubric names the owner`,
  correctAnswer: `${CANARY}model says that the owner drops it`,
};

/** Whatever only the author should know holds a canary of its own. */
export const QUESTIONS: Question[] = [
  {
    id: 'one',
    type: 'single_choice',
    question: 'One?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: 'b',
    explanation: `${CANARY}one`,
    optionExplanations: { a: `${CANARY}option` },
  },
  {
    id: 'many',
    type: 'multiple_choice',
    question: 'Many?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: ['a', 'c'],
    explanation: `${CANARY}many`,
  },
  { id: 'yes', type: 'true_false', question: 'Yes?', points: 1, correctAnswer: true, explanation: `${CANARY}yes` },
  {
    id: 'word',
    type: 'short_text',
    question: 'Word?',
    points: 1,
    correctAnswer: `${CANARY}word`,
    acceptedAnswers: [`${CANARY}accepted`],
  },
  { id: 'number', type: 'numeric', question: 'How many?', points: 1, correctAnswer: NUMBER, tolerance: 0 },
  {
    id: 'order',
    type: 'ordering',
    question: 'Order?',
    options: ['w', 'x', 'y', 'z'],
    points: 1,
    explanation: `${CANARY}order`,
  },
  ESSAY,
];

/** Right answers to all of them, some as a model may send them. */
export const KEYS = {
  one: 'b',
  many: ['c', 'a'],
  yes: 'true',
  word: `${CANARY}accepted`,
  number: String(NUMBER),
  order: ['w', 'x', 'y', 'z'],
  essay: 'Because.',
};

/** The canaries in a text, each once. */
export function canariesIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${CANARY}\\w*|${NUMBER}`, 'gi')))];
}

/** A course with quizzes that differ in who may take them and when they show their answers. */
export async function makeQuizzes({ make }: TestApp): Promise<void> {
  await make.course({
    id: 'c',
    chapters: [{ title: 'The first chapter' }, { isPremium: true }, {}],
    quizzes: [
      { id: 'all', questions: QUESTIONS },
      { id: 'premium', isPremium: true },
      { id: 'in-premium', chapterId: 'c-2' },
      { id: 'after-pass', questions: QUESTIONS, reveal: 'after_pass' },
      { id: 'never', questions: QUESTIONS, reveal: 'never' },
      { id: 'essays', questions: [ESSAY] },
      { id: 'last', chapterId: 'c-3' },
      { id: 'afterthought' },
    ],
  });
}

export function submit(client: Client, quiz_id: string, answers: object, more: object = {}): Promise<Response> {
  return client.post('quizzes/submit', { quiz_id, answers, ...more });
}

export function resultOf(answer: Response): QuizResultDto {
  return answer.json<QuizResultDto>();
}
