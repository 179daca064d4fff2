import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import { QUESTION_TYPES, REVEALS } from '../quizzes/question.js';

/** What the YAML of a course package may say. The messages say what would be right. */

/** The known name nearest to a mistyped one, if any is near enough to be meant. */
export function nearest(name: string, known: string[]): string | undefined {
  const candidate = known.length > 0 ? closest(name, known) : undefined;
  return candidate !== undefined && distance(name, candidate) <= Math.max(2, name.length / 3) ? candidate : undefined;
}

const text = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text (put it in quotes)') })
  .refine((value) => value.trim() !== '', { error: 'must not be empty' });
const id = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text (put it in quotes)') })
  .regex(ID_PATTERN, { error: ID_RULE });
const flag = z.boolean({ error: 'must be true or false' });
const number = z.number({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a number') });
const share = number.refine((value) => value >= 0 && value <= 1, { error: 'must be from 0 to 1' });
const positive = number.refine((value) => value > 0, { error: 'must be above 0' });
const texts = z.array(text, { error: 'must be a list of texts' });
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** An object that knows its keys and, where it meets another one, tells the nearest. */
function keys<T extends z.ZodRawShape>(what: string, shape: T) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `${what} must be a mapping of keys to values`;
      const guess = nearest((issue as { keys?: string[] }).keys?.[0] ?? '', known);
      return `'{key}' is not a key of ${what}${guess ? `; is '${guess}' meant?` : `; it knows ${known.join(', ')}`}`;
    },
  });
}

export const courseSchema = keys('course.yaml', {
  id,
  title: text,
  description: text,
  prerequisites: texts.default([]),
  language: text.optional(),
  license: text.optional(),
  source: text.optional(),
  estimated_hours: positive.optional(),
  published: flag.default(true),
});

export const frontMatterSchema = keys("a chapter's front matter", {
  title: text,
  id: id.optional(),
  order: number.optional(),
  premium: flag.default(false),
  estimated_minutes: positive
    .refine((value) => Number.isInteger(value), { error: 'must be a whole number of minutes' })
    .optional(),
});

const asked = { id, question: text, points: positive.default(1), explanation: text.optional() };
const options = texts
  .refine((items) => items.length >= 2 && items.length <= 20, { error: 'must hold 2 to 20 options' });
const explained = { option_explanations: z.record(z.string(), text, { error: 'must map options to texts' }).optional() };
const question = <K extends (typeof QUESTION_TYPES)[number], T extends z.ZodRawShape>(type: K, shape: T) =>
  keys(`a ${type} question`, { type: z.literal(type), ...asked, ...shape });

const questionSchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('type' in value) ? { type: 'single_choice', ...value } : value,
  z.discriminatedUnion(
    'type',
    [
      question('single_choice', { options, correct_answer: text, ...explained }),
      question('multiple_choice', { options, correct_answer: texts, ...explained }),
      question('true_false', { correct_answer: flag }),
      question('short_text', { correct_answer: text, accepted_answers: texts.default([]) }),
      question('numeric', {
        correct_answer: number,
        tolerance: number.refine((value) => value >= 0, { error: 'must not be below 0' }).default(0),
      }),
      question('ordering', { options }),
      question('free_text', { rubric: text, correct_answer: text }),
    ],
    { error: `must be a question of one of the types ${QUESTION_TYPES.join(', ')}` },
  ),
);

export const quizSchema = keys('a quiz', {
  id: id.optional(),
  chapter_id: id,
  title: text,
  passing_score: share.default(0.7),
  premium: flag.default(false),
  reveal: oneOf(REVEALS).default('after_submit'),
  questions: z
    .array(questionSchema, { error: 'must be a list of questions' })
    .refine((items) => items.length >= 1 && items.length <= 200, { error: 'must hold 1 to 200 questions' }),
});

export type QuestionSource = z.output<typeof questionSchema>;
export type QuizSource = z.output<typeof quizSchema>;
