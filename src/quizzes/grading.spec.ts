import fc from 'fast-check';
import type { AppError } from '../common/errors.js';
import { readAnswers } from './answers.js';
import { gradeAnswer, gradeQuiz } from './grading.js';
import type { Answer, Question } from './question.js';

type Graded = Exclude<Question, { type: 'free_text' }>;

const base = { id: 'q', question: 'What?', points: 1 };
const single: Graded = { ...base, type: 'single_choice', options: ['a', 'b', 'c'], correctAnswer: 'b' };
const multiple: Graded = { ...base, type: 'multiple_choice', options: ['a', 'b', 'c', 'd'], correctAnswer: ['a', 'c'] };
const yes: Graded = { ...base, type: 'true_false', correctAnswer: true };
const numeric: Graded = { ...base, type: 'numeric', correctAnswer: 1, tolerance: 0.1 };
const ordering: Graded = { ...base, type: 'ordering', options: ['1', '2', '3', '4'] };
const free: Question = { ...base, type: 'free_text', rubric: 'r', correctAnswer: 'model' };
const text = (correctAnswer: string, ...acceptedAnswers: string[]): Graded => ({
  ...base,
  type: 'short_text',
  correctAnswer,
  acceptedAnswers,
});

const exact = (correctAnswer: number, tolerance = 0): Graded => ({
  ...base,
  type: 'numeric',
  correctAnswer,
  tolerance,
});

/** The score of what a client sends, or the message with which it is refused. */
function scoreOf(question: Graded, given: unknown): number | string {
  try {
    return gradeAnswer(question, readAnswers([question], { q: given }).get('q'));
  } catch (error) {
    return (error as AppError).errors?.[0].message ?? String(error);
  }
}

it.each<[Graded, unknown, number | string]>([
  [single, 'b', 1],
  [single, 'a', 0],
  [single, 'd', 'must be one of the options'],
  [single, ['b'], 'must be one of the options'],
  [single, 1, 'must be one of the options'],
  [yes, true, 1],
  [yes, false, 0],
  [yes, 'true', 1],
  [yes, ' False ', 0],
  [yes, 1, 'must be true or false'],
  [yes, 'yes', 'must be true or false'],
  [multiple, ['a', 'c'], 1],
  [multiple, ['c', 'a'], 1],
  [multiple, ['a'], 0.5],
  [multiple, 'a', 0.5],
  [multiple, ['a', 'b'], 0],
  [multiple, ['a', 'c', 'b'], 0.5],
  [multiple, ['a', 'b', 'c', 'd'], 0],
  [multiple, ['b', 'd'], 0],
  [multiple, ['a', 'a'], 'must not name an option twice'],
  [multiple, ['a', 'x'], 'must be a list of the options'],
  [multiple, ['a', 1], 'must be a list of the options'],
  [multiple, { a: true }, 'must be a list of the options'],
  [numeric, 1, 1],
  [numeric, 1.1, 1],
  [numeric, 0.9, 1],
  [numeric, 1.1001, 0],
  [numeric, '1.05', 1],
  [numeric, ' 1e0 ', 1],
  [numeric, '+.95', 1],
  [numeric, '1,5', 'must be a number such as 1.5'],
  [numeric, '0x1', 'must be a number such as 1.5'],
  [numeric, 'one', 'must be a number such as 1.5'],
  [numeric, '1e999', 'must be a number such as 1.5'],
  [numeric, true, 'must be a number such as 1.5'],
  [numeric, '', 'must be a number such as 1.5'],
  [exact(2_147_483_647), 2_147_483_648, 0],
  [exact(9_007_199_254_740_991), 9_007_199_254_740_990, 0],
  [exact(0.3), '0.3', 1],
  [exact(0.3), 0.1 + 0.2, 0],
  [exact(1e9, 0.1), 1e9 + 1, 0],
  [exact(1e9, 0.1), 1e9 + 0.1, 1],
  [exact(0), '-0', 1],
  [single, '', 'must be one of the options'],
  [single, [], 'must be one of the options'],
  [yes, '', 'must be true or false'],
  [multiple, '', 'must be a list of the options'],
  [ordering, [], 'must be a list of all the options, each of them once'],
  [ordering, ['1', '2', '3', '4'], 1],
  [ordering, ['4', '3', '2', '1'], 0],
  [ordering, ['4', '1', '2', '3'], 2 / 3],
  [ordering, ['2', '3', '1', '4'], 1 / 3],
  [ordering, ['1', '2', '3'], 'must be a list of all the options, each of them once'],
  [ordering, ['1', '2', '3', '3'], 'must be a list of all the options, each of them once'],
  [ordering, ['1', '2', '3', 'x'], 'must be a list of all the options, each of them once'],
  [text('Ownership'), 'ownership', 1],
  [text('Ownership'), '  OWNERSHIP\n', 1],
  [text('Ownership'), '“ownership”', 1],
  [text('let mut'), 'let \t mut', 1],
  [text('let mut'), '`let mut`', 1],
  [text('`let mut`'), 'let mut', 1],
  [text('Straße'), 'STRASSE', 1],
  [text('Straße'), 'STRAẞE', 1],
  [text('ownership'), 'owner\u200bship', 1],
  [text('ﬁle'), 'FILE', 1],
  [text('Σίσυφος'), 'ΣΊΣΥΦΟΣ', 1],
  [text('é'), 'e\u0301', 1],
  [text('42'), 42, 1],
  [text("''"), "''", 1],
  [text('color', 'colour'), 'Colour', 1],
  [text('ownership'), 'owner ship', 0],
  [text('ownership'), ['ownership'], 'must be text'],
  [text('ownership'), true, 'must be text'],
])('grades %j: %j with %j', (question, given, score) => {
  const found = scoreOf(question, given);
  if (typeof score === 'number') expect(found).toBeCloseTo(score, 12);
  else expect(found).toBe(score);
});

it('takes null for no answer, and so an empty choice of many and blank text; they score 0', () => {
  const missing: [Graded, unknown][] = [
    ...[single, multiple, yes, numeric, ordering, text('x')].map((question): [Graded, unknown] => [question, null]),
    [multiple, []],
    ...['', '   ', '""', '\u200b', ' `\u2060` '].map((blank): [Graded, unknown] => [text('x'), blank]),
  ];
  for (const [question, given] of missing) {
    expect(readAnswers([question], { q: given }).has('q')).toBe(false);
    expect(scoreOf(question, given)).toBe(0);
  }
});

it('names every answer that is to no question or of the wrong kind', () => {
  const wrong = () => readAnswers([single, { ...yes, id: 'y' }], { q: 'x', y: 'perhaps', z: 1, ['__proto__x']: 1 });
  expect(wrong).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_ERROR',
      errors: ['q', 'y', 'z', '__proto__x'].map((id) => expect.objectContaining({ field: `answers.${id}` }) as object),
    }) as Error,
  );
});

it('weighs questions by their points, leaves free text out and passes at the passing score', () => {
  const questions: Question[] = [
    { ...single, id: 'a', points: 3 },
    { ...yes, id: 'b' },
    { ...free, id: 'c', points: 9 },
  ];
  const grade = (given: Record<string, unknown>, passing = 0.75) =>
    gradeQuiz(questions, readAnswers(questions, given), passing);
  expect(grade({ a: 'b', b: false, c: 'an essay' })).toMatchObject({ score: 0.75, passed: true });
  expect(grade({ a: 'a', b: true }).score).toBe(0.25);
  expect(grade({}).score).toBe(0);
  expect(grade({ c: 'x' }).grades.map(({ score, isAnswered }) => [score, isAnswered])).toEqual([
    [0, false],
    [0, false],
    [null, true],
  ]);
  const tenths: Question[] = Array.from({ length: 10 }, (_, i) => ({ ...yes, id: `q${i}`, points: 0.1 }));
  const seven = Object.fromEntries(tenths.slice(0, 7).map(({ id }) => [id, true]));
  expect(gradeQuiz(tenths, readAnswers(tenths, seven), 0.7).passed).toBe(true);
});

describe('for any quiz', () => {
  const options = fc.uniqueArray(
    fc.string({ minLength: 1, maxLength: 6 }).filter((option) => option.trim() !== ''),
    {
      minLength: 2,
      maxLength: 6,
    },
  );
  const points = fc.integer({ min: 1, max: 10 });
  const words = fc.string({ minLength: 1, maxLength: 12 }).filter((word) => word.trim() !== '');
  const question: fc.Arbitrary<Graded> = fc.oneof(
    fc
      .tuple(options, points)
      .map(([list, weight]) => ({ ...single, options: list, correctAnswer: list[0], points: weight })),
    fc.tuple(options, points, fc.nat(4)).map(([list, weight, more]) => ({
      ...multiple,
      options: list,
      correctAnswer: list.slice(0, 1 + (more % list.length)),
      points: weight,
    })),
    fc.tuple(fc.boolean(), points).map(([key, weight]) => ({ ...yes, correctAnswer: key, points: weight })),
    fc.tuple(words, points).map(([key, weight]) => ({ ...text(key), points: weight })),
    fc
      .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), points)
      .map(([key, weight]) => ({ ...numeric, correctAnswer: key, tolerance: 0, points: weight })),
    fc.tuple(options, points).map(([list, weight]) => ({ ...ordering, options: list, points: weight })),
  );
  const quiz = fc
    .array(question, { minLength: 1, maxLength: 8 })
    .map((questions) => questions.map((item, index) => ({ ...item, id: `q${index}` })));
  const keyOf = (item: Graded): Answer => (item.type === 'ordering' ? item.options : item.correctAnswer);
  const keysOf = (questions: Graded[]) => Object.fromEntries(questions.map((item) => [item.id, keyOf(item)]));
  const score = (questions: Graded[], given: Record<string, unknown>) =>
    gradeQuiz(questions, readAnswers(questions, given), 0.5).score;

  it('the full key scores 1 and nothing scores 0', () => {
    fc.assert(
      fc.property(quiz, (questions) => {
        expect(score(questions, keysOf(questions))).toBe(1);
        expect(score(questions, {})).toBe(0);
      }),
    );
  });

  it('one more right answer never lowers the score, which stays from 0 to 1', () => {
    fc.assert(
      fc.property(quiz, fc.infiniteStream(fc.boolean()), (questions, coins) => {
        const given: Record<string, unknown> = {};
        let before = 0;
        for (const item of questions) {
          if (coins.next().value) given[item.id] = keyOf(item);
          const now = score(questions, given);
          expect(now).toBeGreaterThanOrEqual(before);
          expect(now).toBeLessThanOrEqual(1);
          before = now;
        }
      }),
    );
  });

  it('the order of the answers, of the options and of what is chosen does not matter', () => {
    fc.assert(
      fc.property(quiz, (questions) => {
        const keys = keysOf(questions);
        const reversed = Object.fromEntries(Object.entries(keys).reverse());
        const turned = questions.map((item) =>
          item.type === 'single_choice' || item.type === 'multiple_choice'
            ? { ...item, options: [...item.options].reverse() }
            : item,
        );
        const chosen = Object.fromEntries(
          turned.map((item) => [
            item.id,
            item.type === 'multiple_choice' ? [...item.correctAnswer].reverse() : keyOf(item),
          ]),
        );
        expect([score(questions, reversed), score(turned, keys), score(questions, chosen)]).toEqual([1, 1, 1]);
      }),
    );
  });

  it('any answer at all is graded from 0 to 1 or refused', () => {
    fc.assert(
      fc.property(question, fc.jsonValue(), (item, given) => {
        const found = scoreOf({ ...item, id: 'q' }, given);
        if (typeof found === 'number') {
          expect(found).toBeGreaterThanOrEqual(0);
          expect(found).toBeLessThanOrEqual(1);
        } else {
          expect(found).toMatch(/^must /);
        }
      }),
    );
  });
});
