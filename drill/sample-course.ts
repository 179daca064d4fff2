import { ask } from '../bench/client.js';

export const COURSE = 'modern-python-with-typing';
/** The quiz of its first chapter. */
export const QUIZ = `${COURSE}-quiz-why-types`;

/** The chapters that anyone may complete. */
export async function freeChapters(url: string): Promise<string[]> {
  const { status, text } = await ask(`${url}/api/v1/courses/${COURSE}/chapters?include_content=false&limit=100`);
  if (status !== 200) throw new Error(`The chapters cannot be listed: ${status} ${text}`);
  const chapters = JSON.parse(text) as { id: string; is_premium: boolean }[];
  return chapters.filter((chapter) => !chapter.is_premium).map(({ id }) => id);
}
