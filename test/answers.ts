import type { Response } from 'light-my-request';

/** What an answer says in short: its status, and the code of its error if it is one. */
export function codeOf(answer: Response): [number, string | undefined] {
  return [answer.statusCode, answer.json<{ error_code?: string }>().error_code];
}

/** The fields that a 422 names. */
export function fieldsOf(answer: Response): string[] {
  return answer.json<{ errors: { field: string }[] }>().errors.map(({ field }) => field);
}

export function statusesOf(answers: Response[]): number[] {
  return answers.map(({ statusCode }) => statusCode);
}
