import { createHash } from 'node:crypto';
import type { Question } from './question.js';

/**
 * The options of a question as they are served. Those of an ordering are its answer, so they come shuffled; always the
 * same way, so that a learner who reads the quiz again finds it as it was.
 */
export function servedOptions(quizId: string, question: Question): string[] | undefined {
  if (!('options' in question)) return undefined;
  return question.type === 'ordering' ? shuffle(`${quizId} ${question.id}`, question.options) : question.options;
}

/**
 * In the order of their hashes; if that should be the right one, with the last first. Of two that would give the key
 * away, so that they come as they fall.
 */
function shuffle(seed: string, options: string[]): string[] {
  const hashOf = (option: string) => createHash('sha256').update(`${seed} ${option}`).digest('hex');
  const hashes = new Map(options.map((option) => [option, hashOf(option)]));
  const shuffled = [...options].sort((one, other) => ((hashes.get(one) ?? '') < (hashes.get(other) ?? '') ? -1 : 1));
  const isKey = shuffled.every((option, index) => option === options[index]);
  return isKey && options.length > 2 ? [...shuffled.slice(-1), ...shuffled.slice(0, -1)] : shuffled;
}
