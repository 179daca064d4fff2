import { z } from 'zod';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import { QUESTION_TYPES, type QuestionType, REVEALS } from '../quizzes/question.js';
import { shorten, suggestion } from './wording.js';

/** What the YAML of a course package may say. The messages say what would be right. */

const MAX_POINTS = 1000;
const MAX_HOURS = 10_000;
const MAX_MINUTES = 100_000;
export const MAX_QUESTIONS = 200;
export const MAX_OPTIONS = 20;

/** The keys of every kind of mapping, by what a message calls it. */
const knownKeys = new Map<string, string[]>();

/** Tells a key that a mapping does not know, with the nearest one that it does. */
export function unknownKeyMessage(what: string, key: string): string {
  const known = knownKeys.get(what) ?? [];
  return `'${shorten(key)}' is not a key of ${what}${suggestion(key, known) || `; it knows ${known.join(', ')}`}`;
}

function keys<T extends z.ZodRawShape>(what: string, shape: T) {
  knownKeys.set(what, Object.keys(shape));
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code === 'unrecognized_keys') return what;
      return input === undefined ? 'is missing' : `${what} must be a mapping of keys to values`;
    },
  });
}

/** `is missing`, or what would be right; quotes are named where they were forgotten, or are too many. */
function wrong(right: string) {
  return ({ input }: { input?: unknown }) => {
    if (input === undefined) return 'is missing';
    if (right === 'a text')
      return `must be a text${['number', 'boolean'].includes(typeof input) ? ' (put it in quotes)' : ''}`;
    return `must be ${right}${typeof input === 'string' && /^(true|false|[-+.\d]+)$/.test(input) ? ', without quotes' : ''}`;
  };
}

const text = z
  .string({ error: wrong('a text') })
  .refine((value) => value.trim() !== '', { error: 'must not be empty' });
const texts = z.array(text, { error: wrong('a list of texts') });
const id = z.string({ error: wrong('a text') }).regex(ID_PATTERN, { error: ID_RULE });
const flag = z.boolean({ error: wrong('true or false') });
// YAML knows a -0, which no database keeps.
const number = z.number({ error: wrong('a number') }).overwrite((value) => value + 0);
const between = (min: number, max: number) =>
  number.refine((value) => value >= min && value <= max, { error: `must be from ${min} to ${max}` });
const positive = (max: number) =>
  number.refine((value) => value > 0 && value <= max, { error: `must be above 0 and at most ${max}` });
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, {
    error: ({ input }) => {
      const hint = typeof input === 'string' ? suggestion(input, values) : '';
      return `must be one of ${values.join(', ')}${hint}`;
    },
  });

export const courseSchema = keys('course.yaml', {
  id,
  title: text,
  description: text,
  prerequisites: texts.default([]),
  language: text.optional(),
  license: text.optional(),
  source: text.optional(),
  estimated_hours: positive(MAX_HOURS).optional(),
  published: flag.default(true),
});

export const frontMatterSchema = keys("a chapter's front matter", {
  title: text,
  id: id.optional(),
  order: number.optional(),
  premium: flag.default(false),
  estimated_minutes: positive(MAX_MINUTES)
    .refine((value) => Number.isInteger(value), { error: 'must be a whole number of minutes' })
    .optional(),
});

/** Answers come as an object by question id, which has these keys already. */
const questionId = id.refine((value) => !(value in Object.prototype), { error: 'is a name that no question can have' });
const asked = { id: questionId, question: text, points: positive(MAX_POINTS).default(1), explanation: text.optional() };
const options = texts.refine((items) => items.length >= 2 && items.length <= MAX_OPTIONS, {
  error: `must hold 2 to ${MAX_OPTIONS} options`,
});
const explained = {
  option_explanations: z.record(z.string(), text, { error: wrong('a mapping of options to texts') }).optional(),
};
const exact = number.refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
  error: 'is too large to be kept exactly',
});
/** Grading drops quotes and back-ticks around a short text, so there must be more than those. */
const graded = text.refine((value) => /[^\s"'`]/.test(value), { error: 'must hold more than quotes' });

const question = <K extends QuestionType, T extends z.ZodRawShape>(type: K, shape: T) =>
  keys(`a ${type} question`, { type: z.literal(type).default(type as never), ...asked, ...shape });

const questionSchemas = {
  single_choice: question('single_choice', { options, correct_answer: text, ...explained }),
  multiple_choice: question('multiple_choice', { options, correct_answer: texts, ...explained }),
  true_false: question('true_false', { correct_answer: flag }),
  short_text: question('short_text', {
    correct_answer: graded,
    accepted_answers: z.array(graded, { error: wrong('a list of texts') }).default([]),
  }),
  numeric: question('numeric', { correct_answer: exact, tolerance: between(0, Number.MAX_VALUE).default(0) }),
  ordering: question('ordering', { options }),
  free_text: question('free_text', { rubric: text, correct_answer: text }),
} satisfies Record<QuestionType, z.ZodType>;

export type QuestionSource = z.output<(typeof questionSchemas)[QuestionType]>;

/** A question whose type nobody knows; what every question has is checked all the same. */
const unknownQuestion = z.looseObject({ ...asked, type: oneOf(QUESTION_TYPES) });

const questionSchema = z.unknown().transform((value, context): QuestionSource => {
  const type = (value as { type?: unknown } | null)?.type ?? 'single_choice';
  const schema = QUESTION_TYPES.find((known) => known === type);
  const parsed = (schema ? questionSchemas[schema] : unknownQuestion).safeParse(value);
  if (parsed.success) return parsed.data as QuestionSource;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as never);
  return z.NEVER;
});

export const quizSchema = keys('a quiz', {
  id: id.optional(),
  chapter_id: id,
  title: text,
  passing_score: between(0, 1).default(0.7),
  premium: flag.default(false),
  reveal: oneOf(REVEALS).default('after_submit'),
  questions: z
    .array(questionSchema, { error: wrong('a list of questions') })
    .refine((items) => items.length > 0, { error: `must hold 1 to ${MAX_QUESTIONS} questions` }),
});
