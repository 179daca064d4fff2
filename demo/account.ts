import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Api, Course } from './api.js';
import { say } from './narration.js';

/** Registers a learner and signs them in. @returns their email */
export async function register(api: Api): Promise<string> {
  say('A learner registers.');
  const username = `demo-${randomUUID().slice(0, 8)}`;
  const email = `${username}@example.com`;
  const { access_token } = await api.register({ email, username, password: `secret of ${username}` });
  api.signIn(access_token);
  return email;
}

/** A course with a locked chapter, if there is any. */
export async function chooseCourse(api: Api): Promise<Course> {
  say('And looks at what can be studied.');
  const courses = await api.listCourses();
  for (const course of courses) {
    const outline = await api.listChapters(course.id);
    if (outline.some(({ locked }) => locked) && outline.some(({ locked }) => !locked)) return course;
  }
  if (courses.length === 0) throw new Error('The server has no course');
  return courses[0];
}

/** By the built command line, which needs the same DATABASE_URL as the server; holds within a second. */
export async function givePremium(api: Api, email: string): Promise<boolean> {
  try {
    const command = ['dist/src/cli.js', 'subscriptions', 'set', email, 'premium'];
    say(execFileSync(process.execPath, command, { encoding: 'utf8' }).trim());
  } catch {
    say('The command line does not reach the server’s database from here: the demo ends.');
    return false;
  }
  await delay(1000);
  await api.getAccess();
  return true;
}
