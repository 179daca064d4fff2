import type { FastifyInstance } from 'fastify';
import { daysOn } from '../../src/activity/streak.js';
import { completionPercentage } from '../../src/progress/progress.dto.js';
import { ACTIVITY, activityValues } from './activity.js';
import { type Sql, toMoment } from './sql.js';
import { readToken } from './token.js';

const CHAPTER = 'SELECT title FROM chapters WHERE id = :chapter AND course_id = :course AND NOT is_premium';

const COMPLETION = `
  INSERT INTO chapter_completions (user_id, chapter_id, course_id, completed_at) VALUES (:user, :chapter, :course, :at)
  ON CONFLICT DO NOTHING`;

const PROGRESS = `
  SELECT begun.id, begun.last_accessed, begun.created_at, begun.updated_at,
    streak.days, streak.longest_days, streak.last_active_on,
    (SELECT count(*) FROM chapters WHERE course_id = course.id AND retired_at IS NULL) AS total,
    (SELECT string_agg(chapter.id, ' ' ORDER BY chapter.position)
      FROM chapter_completions AS done JOIN chapters AS chapter ON chapter.id = done.chapter_id
      WHERE done.user_id = :user AND done.course_id = course.id AND chapter.retired_at IS NULL) AS completed
  FROM courses AS course
    LEFT JOIN user_progress AS begun ON begun.course_id = course.id AND begun.user_id = :user
    LEFT JOIN streaks AS streak ON streak.user_id = :user
  WHERE course.id = :course AND course.published AND course.retired_at IS NULL`;

const SCORES = `
  SELECT quiz_id, score, passed, best_score, attempts, submitted_at FROM quiz_scores
  WHERE user_id = :user AND course_id = :course ORDER BY quiz_id`;

interface ProgressRow {
  id: number;
  last_accessed: string;
  created_at: string;
  updated_at: string;
  days: number;
  longest_days: number;
  last_active_on: string;
  total: number;
  completed: string | null;
}

interface ScoreRow {
  quiz_id: string;
  score: number;
  passed: boolean | number;
  best_score: number;
  attempts: number;
  submitted_at: string;
}

/** Where a learner stands, and completions: the chapter is looked up, one transaction, and the standing read anew. */
export function serveProgress(server: FastifyInstance, sql: Sql): void {
  const route = '/api/v1/progress/me/courses/:course';
  server.get<{ Params: { course: string } }>(route, ({ headers, params }) =>
    read(sql, readToken(headers.authorization), params.course),
  );
  server.post<{ Params: { course: string; chapter: string } }>(`${route}/chapters/:chapter`, async (request, reply) => {
    const { course, chapter } = request.params;
    const user = readToken(request.headers.authorization);
    const [found] = await sql.read<{ title: string }>(CHAPTER, { course, chapter });
    if (!found) return reply.status(404).send();
    await sql.write([COMPLETION, ...ACTIVITY], { chapter, ...activityValues(sql, user, course, new Date()) });
    const progress = await read(sql, user, course);
    const count = `${progress.completed_chapters.length} of ${progress.total_chapters} chapters`;
    return { message: `Completed “${found.title}”, ${count}`, progress };
  });
}

async function read(sql: Sql, user: string, course: string) {
  const [[row], scores] = await Promise.all([
    sql.read<ProgressRow>(PROGRESS, { user, course }),
    sql.read<ScoreRow>(SCORES, { user, course }),
  ]);
  const completed = row.completed?.split(' ') ?? [];
  const [total, lastActiveOn] = [Number(row.total), row.last_active_on];
  const streak = { days: row.days, longestDays: row.longest_days, lastActiveOn };
  return {
    id: row.id,
    user_id: user,
    course_id: course,
    completed_chapters: completed,
    quiz_scores: Object.fromEntries(scores.map(toScore)),
    total_chapters: total,
    completion_percentage: completionPercentage(completed.length, total),
    streak_days: daysOn(streak, new Date().toISOString().slice(0, 10)),
    longest_streak_days: row.longest_days,
    last_accessed: toMoment(row.last_accessed),
    created_at: toMoment(row.created_at),
    updated_at: toMoment(row.updated_at),
  };
}

function toScore({ quiz_id, submitted_at, passed, ...score }: ScoreRow): [string, object] {
  const { best_score, attempts } = score;
  const date = toMoment(submitted_at);
  return [quiz_id, { score: score.score, passed: Boolean(passed), best_score, attempts, date }];
}
