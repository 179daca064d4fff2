import type { Response } from 'light-my-request';
import type { Question } from '../src/quizzes/question.js';
import type { QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import type { Client, TestApp } from './test-app.js';

/** What only the author should know. */
export const CANARY = 'canary-7f3a';

export const QUESTIONS: Question[] = [
  {
    id: 'one',
    type: 'single_choice',
    question: 'One?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: 'b',
    explanation: `${CANARY} one`,
    optionExplanations: { a: `${CANARY} option` },
  },
  {
    id: 'many',
    type: 'multiple_choice',
    question: 'Many?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: ['a', 'c'],
  },
  { id: 'yes', type: 'true_false', question: 'Yes?', points: 1, correctAnswer: true },
  {
    id: 'word',
    type: 'short_text',
    question: 'Word?',
    points: 1,
    correctAnswer: `${CANARY} word`,
    acceptedAnswers: [CANARY],
  },
  { id: 'number', type: 'numeric', question: 'How many?', points: 1, correctAnswer: 424_242, tolerance: 0 },
  { id: 'order', type: 'ordering', question: 'Order?', options: ['w', 'x', 'y', 'z'], points: 1 },
  {
    id: 'essay',
    type: 'free_text',
    question: 'Why?',
    points: 5,
    rubric: `${CANARY} rubric`,
    correctAnswer: `${CANARY} model`,
  },
];
/** Right answers to all of them, some as a model may send them. */
export const KEYS = {
  one: 'b',
  many: ['c', 'a'],
  yes: 'true',
  word: CANARY,
  number: '424242',
  order: ['w', 'x', 'y', 'z'],
  essay: 'Because.',
};

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
      { id: 'essays', questions: QUESTIONS.slice(-1) },
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
