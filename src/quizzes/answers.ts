import { type FieldError, validationError } from '../common/errors.js';
import { withoutInvisible, withoutQuotes } from '../common/text.js';
import { gradeAnswer } from './grading.js';
import type { Answer, Answers, Question } from './question.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads the answers of a submission. What a model may send instead of the right kind is understood; null, no choice of
 * many and blank text are no answer.
 * @throws {AppError} VALIDATION_ERROR that names every answer which is of the wrong kind or to no question
 */
export function readAnswers(questions: Question[], given: Record<string, unknown>): Answers {
  const byId = new Map(questions.map((question) => [question.id, question]));
  const answers = new Map<string, Answer>();
  const errors: FieldError[] = [];
  for (const [id, value] of Object.entries(given)) {
    const question = byId.get(id);
    if (!question) {
      errors.push({ field: `answers.${id}`, message: 'is not the id of a question of this quiz' });
      continue;
    }
    if (isMissing(question, value)) continue;
    const read = readAnswer(question, value);
    if ('problem' in read) errors.push({ field: `answers.${id}`, message: read.problem });
    else answers.set(id, read.answer);
  }
  if (errors.length > 0) throw validationError(errors);
  return answers;
}

type Read = { answer: Answer } | { problem: string };

/** Text that holds nothing is an answer only where it is the right one, such as a pair of quotes. */
function isMissing(question: Question, value: unknown): boolean {
  if (value === null) return true;
  switch (question.type) {
    case 'multiple_choice':
      return Array.isArray(value) && value.length === 0;
    case 'short_text':
      return isBlank(value) && gradeAnswer(question, value) === 0;
    case 'free_text':
      return isBlank(value);
    case 'single_choice':
    case 'true_false':
    case 'numeric':
    case 'ordering':
      return false;
  }
}

function isBlank(value: unknown): value is string {
  return typeof value === 'string' && withoutQuotes(withoutInvisible(value).trim()) === '';
}

function readAnswer(question: Question, value: unknown): Read {
  switch (question.type) {
    case 'single_choice':
      return typeof value === 'string' && question.options.includes(value)
        ? { answer: value }
        : { problem: 'must be one of the options' };
    case 'multiple_choice':
      return readChoices(question.options, value);
    case 'ordering':
      return readOrder(question.options, value);
    case 'true_false':
      return readBoolean(value);
    case 'numeric':
      return readNumber(value);
    case 'short_text':
    case 'free_text':
      return typeof value === 'string' || typeof value === 'number'
        ? { answer: String(value) }
        : { problem: 'must be text' };
  }
}

function readChoices(options: string[], value: unknown): Read {
  const chosen = toList(value);
  if (!chosen?.every((option) => options.includes(option))) return { problem: 'must be a list of the options' };
  return new Set(chosen).size === chosen.length ? { answer: chosen } : { problem: 'must not name an option twice' };
}

function readOrder(options: string[], value: unknown): Read {
  const order = toList(value);
  const isPermutation =
    order?.length === options.length &&
    new Set(order).size === order.length &&
    order.every((item) => options.includes(item));
  return isPermutation ? { answer: order } : { problem: 'must be a list of all the options, each of them once' };
}

function readBoolean(value: unknown): Read {
  if (typeof value === 'boolean') return { answer: value };
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text === 'true' || text === 'false' ? { answer: text === 'true' } : { problem: 'must be true or false' };
}

function readNumber(value: unknown): Read {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? { answer: number }
    : { problem: 'must be a number such as 1.5' };
}

function toList(value: unknown): string[] | null {
  const list: unknown = typeof value === 'string' ? [value] : value;
  return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : null;
}
