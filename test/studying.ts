import type { Response } from 'light-my-request';
import { Clock } from '../src/common/clock.js';
import type { ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { Client, TestApp } from './test-app.js';

/** The courses that the tests of progress are about: one with a locked chapter and a quiz, and another. */
export async function makeCourses({ make }: TestApp): Promise<void> {
  await make.course({
    id: 'c',
    title: 'The course',
    chapters: [{}, { isPremium: true }, {}],
    quizzes: [{ id: 'q' }],
  });
  await make.course({ id: 'other' });
}

export function complete(client: Client, chapter: string, course = 'c', user = 'me'): Promise<Response> {
  return client.post(`progress/${user}/courses/${course}/chapters/${chapter}`);
}

export async function readProgress(client: Client, course = 'c'): Promise<UserProgressDto> {
  return (await client.get(`progress/me/courses/${course}`)).json<UserProgressDto>();
}

export function progressOf(answer: Response): UserProgressDto {
  return answer.json<ProgressChangeDto>().progress;
}

/** Does the work as if it were that moment. */
export async function at<T>({ app }: TestApp, moment: string, work: () => Promise<T>): Promise<T> {
  const clock = jest.spyOn(app.get(Clock), 'now').mockReturnValue(new Date(moment));
  try {
    return await work();
  } finally {
    clock.mockRestore();
  }
}
