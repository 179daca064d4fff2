import { randomUUID } from 'node:crypto';
import { signToken } from '../floor/token.js';
import type { Row } from './bulk.js';
import { ANSWERS, MADE_AT, quizOf, STUDY_COURSES, studyChapter } from './content.js';

const DAY_S = 86_400;

export const PASSWORD = 'a password of benches';
/** How many chapters of the first study course everyone has completed. */
export const COMPLETED = 5;

/** What is stored of so many learners, by table and in the order that the foreign keys ask for. */
export function learnerRows(first: number, count: number, passwordHash: string): Record<string, Row[]> {
  const [courseId] = STUDY_COURSES;
  const ids = Array.from({ length: count }, (_learner, index) => first + index);
  const each = (row: (userId: string) => Row) => ids.map((index) => row(learnerId(index)));
  const recorded = { created_at: MADE_AT, updated_at: MADE_AT };
  const result = { score: 0.6, passed: false };
  const quizId = quizOf(studyChapter(courseId, 1));
  return {
    users: ids.map((index) => userRow(index, passwordHash)),
    user_progress: each((user_id) => ({ user_id, course_id: courseId, last_accessed: MADE_AT, ...recorded })),
    chapter_completions: Array.from({ length: COMPLETED }, (_chapter, index) => index + 1).flatMap((number) =>
      each((user_id) => ({
        user_id,
        chapter_id: studyChapter(courseId, number),
        course_id: courseId,
        completed_at: MADE_AT,
      })),
    ),
    quiz_attempts: each((user_id) => ({
      user_id,
      quiz_id: quizId,
      submission_id: user_id,
      answers: JSON.stringify(ANSWERS),
      result: '{}',
      completed_at: MADE_AT,
      ...result,
    })),
    quiz_scores: each((user_id) => ({
      user_id,
      quiz_id: quizId,
      course_id: courseId,
      best_score: 0.6,
      attempts: 1,
      submitted_at: MADE_AT,
      ...result,
    })),
    streaks: each((user_id) => ({
      user_id,
      days: 1,
      longest_days: 1,
      last_active_on: '2026-01-01',
      updated_at: MADE_AT,
    })),
  };
}

function learnerId(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

export function learnerEmail(index: number): string {
  return `learner-${index}@example.com`;
}

/** What a learner sends as `Authorization`; good for a day. */
export function authorizationOf(index: number): string {
  return `Bearer ${signToken(learnerId(index), DAY_S, randomUUID())}`;
}

function userRow(index: number, passwordHash: string): Row {
  const [email, username] = [learnerEmail(index), `learner-${index}`];
  return {
    id: learnerId(index),
    email,
    canonical_email: email,
    username,
    canonical_username: username,
    password_hash: passwordHash,
    role: 'learner',
    timezone: 'UTC',
    is_active: true,
    token_version: 0,
    created_at: MADE_AT,
    updated_at: MADE_AT,
  };
}
