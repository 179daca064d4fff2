import type { Sql, Values } from './sql.js';

const DAY_MS = 86_400_000;

/** That the course is begun, or when it was studied last. */
const TOUCH = `
  INSERT INTO user_progress (user_id, course_id, last_accessed, created_at, updated_at)
  VALUES (:user, :course, :at, :at, :at)
  ON CONFLICT (user_id, course_id) DO UPDATE SET last_accessed = excluded.last_accessed, updated_at = excluded.updated_at`;

/** The days in a row with this one. */
const STREAK = `
  INSERT INTO streaks (user_id, days, longest_days, last_active_on, updated_at) VALUES (:user, 1, 1, :today, :at)
  ON CONFLICT (user_id) DO UPDATE SET
    days = CASE WHEN streaks.last_active_on >= excluded.last_active_on THEN streaks.days
      WHEN streaks.last_active_on = :yesterday THEN streaks.days + 1 ELSE 1 END,
    longest_days = CASE WHEN streaks.last_active_on = :yesterday AND streaks.days >= streaks.longest_days
      THEN streaks.days + 1 ELSE streaks.longest_days END,
    last_active_on = CASE WHEN streaks.last_active_on > excluded.last_active_on
      THEN streaks.last_active_on ELSE excluded.last_active_on END,
    updated_at = excluded.updated_at`;

/** What is stored of every activity, beside what it was. */
export const ACTIVITY = [TOUCH, STREAK];

/** @param now all learners of the bench are in UTC */
export function activityValues(sql: Sql, user: string, course: string, now: Date): Values {
  const yesterday = new Date(now.getTime() - DAY_MS).toISOString().slice(0, 10);
  return { user, course, at: sql.stored(now), today: now.toISOString().slice(0, 10), yesterday };
}
