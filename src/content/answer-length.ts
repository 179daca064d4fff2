import type { PackageIds } from './course-package.js';
import { type Problem, warning } from './problem.js';
import { fieldOf, type YamlSource } from './yaml-source.js';

/*
 * ChatGPT takes no answer of 100,000 characters or more. What a custom GPT asks for stays below that, lists at their
 * longest, where a course keeps to these figures; the author of a longer one is warned.
 */

/** Characters of what becomes part of an answer, by its key. */
const MOST = { title: 300, license: 300, source: 300, description: 3000, prerequisites: 3000, questions: 90_000 };

const MOST_OF_PROGRESS = 95_000;
/** What a completed chapter takes in a learner's progress, beside its id. */
const COMPLETION = 3;
/** What the scores of a quiz take there, beside its id. */
const SCORES = 130;

/** Warns of each text and of questions that are too long. */
export function warnOfLength(source: YamlSource, read: object | undefined): void {
  for (const [key, most] of Object.entries(MOST)) {
    if (lengthOf(fieldOf(read, key)) <= most) continue;
    source.warnAt([key], `${key}: is longer than ${most} characters, so ChatGPT may not be able to read it`);
  }
}

/** Warns of a course whose progress is too long when all of it is done. */
export function longProgress({ chapters, quizzes }: Omit<PackageIds, 'course'>): Problem[] {
  const lengths = [...chapters.map(({ id }) => id.length + COMPLETION), ...quizzes.map(({ id }) => id.length + SCORES)];
  if (lengths.reduce((sum, length) => sum + length, 0) <= MOST_OF_PROGRESS) return [];
  return [warning('', undefined, 'has so many chapters and quizzes that ChatGPT may not be able to read the progress')];
}

/** About how long a value is as JSON, which is not written: aliases can make it very long. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return String(value).length;
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + lengthOf(item) + 6, 0);
}
