import type { Question } from '../src/quizzes/question.js';
import { onRedis } from './services.js';

/** What every canary begins with; it stands in no text that anybody may read. */
export const CANARY = 'zqcanary';
/** The key of the numeric question, which is no text. */
const NUMBER = 42_424_242;

/** Whatever only the author should know holds a canary of its own. */
export const QUESTIONS: Question[] = [
  {
    id: 'one',
    type: 'single_choice',
    question: 'One?',
    options: ['a', 'b'],
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
];

/** The question that a model grades. */
export const ESSAY: Question = {
  id: 'essay',
  type: 'free_text',
  question: 'Why?',
  points: 1,
  rubric: `${CANARY}rubric names the owner`,
  correctAnswer: `${CANARY}model says that the owner drops it`,
};

/** The whole key, as a learner would submit it who knew it. */
export const KEY = {
  one: 'b',
  many: ['a', 'c'],
  yes: true,
  word: `${CANARY}word`,
  number: NUMBER,
  order: ['w', 'x', 'y', 'z'],
};

/** The canaries in a text, each once. */
export function canariesIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${CANARY}\\w*|${NUMBER}`, 'gi')))];
}

/** All that is stored in Redis under keys that begin so, as one text. */
export function valuesInRedis(prefix: string): Promise<{ count: number; text: string }> {
  return onRedis(async (redis) => {
    const keys = await redis.keys(`${prefix}*`);
    const values = await Promise.all(
      keys.map(async (key) => {
        if ((await redis.type(key)) === 'hash') return JSON.stringify(await redis.hgetall(key));
        return String(await redis.getBuffer(key));
      }),
    );
    return { count: keys.length, text: [...keys, ...values].join('\n') };
  });
}
