import type { Subject } from './hybrid-learner.js';
import type { TestApp } from './test-app.js';

/** What only the author should know of the question. */
export const MODEL_ANSWER =
  'Ownership means that each value has a single owner, and that the value is dropped when its owner goes out of scope.';
export const RUBRIC = 'Names the single owner, the scope, and that the value is dropped without a garbage collector.';

const CHAPTERS = [
  {
    id: 'own',
    title: 'Ownership',
    content:
      'Each value has one owner. When the owner goes out of scope, the value is dropped. You should use moves to hand a value on.\n',
  },
  {
    id: 'borrow',
    title: 'Borrowing',
    content: 'A reference borrows a value from its owner. Prefer references when a function only reads the value.\n',
  },
  {
    id: 'slices',
    title: 'Slices',
    content: 'A slice is a reference to a part of a collection. Use slices to look at text.\n',
  },
  { id: 'secret', title: 'Unsafe', isPremium: true, content: 'Raw pointers leave the rules of the owner behind.\n' },
];

/** The contract's own quotas. */
export const QUOTAS = {
  RATE_LIMIT_QUOTA_ADAPTIVE_LEARNING: '',
  RATE_LIMIT_QUOTA_LLM_ASSESSMENT: '',
  RATE_LIMIT_QUOTA_SYNTHESIS: '',
  RATE_LIMIT_QUOTA_MENTOR_SESSION: '',
};

/** A course about ownership with an essay and a quick quiz, and another course. */
export async function makeRustCourse(test: TestApp): Promise<Subject> {
  const question = {
    id: 'q1',
    type: 'free_text' as const,
    question: 'What is ownership?',
    points: 1,
    rubric: RUBRIC,
    correctAnswer: MODEL_ANSWER,
  };
  await test.make.course({
    id: 'rust',
    chapters: CHAPTERS,
    quizzes: [
      {
        id: 'essay',
        chapterId: 'own',
        questions: [question, { id: 'q2', type: 'true_false', question: 'Is it?', points: 1, correctAnswer: true }],
      },
      { id: 'quick', chapterId: 'borrow' },
    ],
  });
  await test.make.course({ id: 'other', chapters: [{ id: 'elsewhere' }] });
  return { course: 'rust', chapters: ['own', 'borrow'] };
}
