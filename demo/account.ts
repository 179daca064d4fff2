import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import type { CourseDto } from '../src/courses/courses.dto.js';
import type { Conversation } from './conversation.js';

const CLI = join(__dirname, '../src/cli.js');

/** Registers a learner and signs them in. @returns their email */
export async function register(talk: Conversation): Promise<string> {
  talk.say('A learner registers.');
  const username = `demo-${Date.now().toString(36)}`;
  const email = `${username}@example.com`;
  const account = { email, username, password: `secret of ${username}` };
  const { access_token } = await talk.post<{ access_token: string }>('auth/register', account, 201);
  talk.signIn(access_token);
  return email;
}

/** A course with a locked chapter, if there is any. */
export async function chooseCourse(talk: Conversation): Promise<CourseDto> {
  talk.say('And looks at what can be studied.');
  const courses = await talk.get<CourseDto[]>('courses');
  for (const course of courses) {
    const outline = await talk.get<ChapterDto[]>(`courses/${course.id}/chapters?include_content=false`);
    if (outline.some(({ locked }) => locked) && outline.some(({ locked }) => !locked)) return course;
  }
  if (courses.length === 0) throw new Error('The server has no course');
  return courses[0];
}

/** By the command line, which needs the same DATABASE_URL as the server; holds within a second. */
export async function givePremium(talk: Conversation, email: string): Promise<boolean> {
  try {
    talk.say(
      execFileSync(process.execPath, [CLI, 'subscriptions', 'set', email, 'premium'], { encoding: 'utf8' }).trim(),
    );
  } catch {
    talk.say('The command line does not reach the server’s database from here: the demo ends.');
    return false;
  }
  await delay(1000);
  await talk.get('subscriptions/me/access');
  return true;
}
