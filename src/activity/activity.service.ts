import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { insertNew } from '../database/insert-new.js';
import { LongReads } from '../database/long-reads.js';
import { Statement, type Value } from '../database/statement.js';
import { Together } from '../database/together.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { QuizScore } from './quiz-score.entity.js';
import { Streak } from './streak.entity.js';
import { afterActivity, localDate, NO_STREAK, type StreakDays } from './streak.js';
import { UserProgress } from './user-progress.entity.js';

/** A completion or a graded submission. */
interface Activity {
  userId: string;
  courseId: string;
  at: Date;
}

/** Has all taken back that was written of it already. */
class DoneBefore extends Error {}

const TOUCH_COURSE = new Statement<Pick<UserProgress, 'id'>, 'userId' | 'courseId' | 'at'>(
  `UPDATE user_progress SET last_accessed = :at, updated_at = :at WHERE user_id = :userId AND course_id = :courseId
   RETURNING id`,
  {},
);

/** A row that is written is locked until the unit of work ends. */
const LOCK_STREAK = new Statement<StreakDays, 'userId' | 'at'>(
  `INSERT INTO streaks (user_id, days, longest_days, updated_at) VALUES (:userId, 0, 0, :at)
   ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at
   RETURNING days, longest_days AS "longestDays", last_active_on AS "lastActiveOn"`,
  {},
);

const KEEP_SCORE = new Statement<
  Pick<QuizScore, 'attempts'>,
  'userId' | 'quizId' | 'courseId' | 'score' | 'passed' | 'at'
>(
  `INSERT INTO quiz_scores (user_id, quiz_id, course_id, score, passed, best_score, attempts, submitted_at)
   VALUES (:userId, :quizId, :courseId, :score, :passed, :score, 1, :at)
   ON CONFLICT (user_id, quiz_id) DO UPDATE SET
     course_id = excluded.course_id, score = excluded.score, passed = excluded.passed,
     best_score = CASE WHEN quiz_scores.best_score > excluded.best_score
       THEN quiz_scores.best_score ELSE excluded.best_score END,
     attempts = quiz_scores.attempts + 1, submitted_at = excluded.submitted_at
   RETURNING attempts`,
  {},
);

/** What writes that something was done which can be done but once, and with it that the learner was active. */
interface Recording<Row, Parameter extends string> {
  rows(
    manager: EntityManager,
    values: Record<Parameter, Value>,
  ): Promise<{ done: Row | null; begun: object | null; streak: StreakDays | null }>;
}

/** @param done returns a row unless it was done before */
export function recording<Row extends object, Parameter extends string>(done: Statement<Row, Parameter>) {
  return new Together({ done, begun: TOUCH_COURSE, streak: LOCK_STREAK });
}

/** A graded submission, which becomes the latest of its quiz. @param done as `recording` takes it */
export function recordingScore<Row extends object, Parameter extends string>(done: Statement<Row, Parameter>) {
  return new Together({ done, score: KEEP_SCORE, begun: TOUCH_COURSE, streak: LOCK_STREAK });
}

/** A learner's standing in a quiz of a course. */
export type CourseScore = Omit<QuizScore, 'userId' | 'courseId'>;

const SCORES = new Statement<CourseScore, 'userId' | 'courseId'>(
  `SELECT quiz_id AS "quizId", score, passed, best_score AS "bestScore", attempts, submitted_at AS "submittedAt"
   FROM quiz_scores WHERE user_id = :userId AND course_id = :courseId ORDER BY quiz_id`,
  { passed: 'flag', submittedAt: 'moment' },
);

/**
 * What a learner has done: which courses they have begun, their streak and their standing in each quiz. It knows nothing
 * of what the courses hold.
 */
@Injectable()
export class ActivityService {
  constructor(
    @InjectRepository(UserProgress) private readonly begun: Repository<UserProgress>,
    @InjectRepository(QuizScore) private readonly scores: Repository<QuizScore>,
    private readonly unitOfWork: UnitOfWork,
    private readonly reads: LongReads,
    private readonly clock: Clock,
  ) {}

  /**
   * Records what a learner has done and that they were active, all of it or nothing.
   * @param timezone the learner's (IANA), by which the days of the streak are counted
   * @returns what was returned of what was done, and whether the course was begun with it; null if it was done before
   */
  async record<Row, Parameter extends string>(
    recording: Recording<Row, Parameter>,
    activity: Record<Parameter, Value> & Activity,
    timezone: string,
  ): Promise<{ done: Row; isBegun: boolean } | null> {
    const { userId, courseId, at } = activity;
    const progress = { userId, courseId, lastAccessed: at, createdAt: at, updatedAt: at };
    try {
      return await this.unitOfWork.run(async (manager) => {
        const { done, begun, streak } = await recording.rows(manager, activity);
        if (!done) throw new DoneBefore();
        const next = afterActivity(streak ?? NO_STREAK, localDate(at, timezone));
        if (next !== streak) await manager.update(Streak, { userId }, next);
        return { done, isBegun: !begun && (await insertNew(manager, UserProgress, progress)) };
      });
    } catch (error) {
      if (error instanceof DoneBefore) return null;
      throw error;
    }
  }

  /** Sets the streak back to nothing; the longest is kept. */
  async resetStreak(userId: string): Promise<void> {
    const at = this.clock.now();
    await this.unitOfWork.run(async (manager) => {
      await LOCK_STREAK.row(manager, { userId, at });
      await manager.update(Streak, { userId }, { days: 0, lastActiveOn: null });
    });
  }

  /** How many learners were active in the last so many days. */
  async countActive(days: number): Promise<number> {
    const since = this.clock.in(-days * 86_400);
    const active = this.begun
      .createQueryBuilder('progress')
      .select('COUNT(DISTINCT progress.userId)', 'count')
      .where('progress.lastAccessed >= :since', { since });
    const [{ count }] = await this.reads.rows<{ count: number | string }>(active);
    return Number(count);
  }

  /** The learner's standing in every quiz of a course that they have submitted. */
  scoresOf(userId: string, courseId: string): Promise<CourseScore[]> {
    return SCORES.rows(this.scores.manager, { userId, courseId });
  }

  /** The learner's standing in every quiz of these courses that they have submitted. */
  scoresIn(userId: string, courseIds: string[]): Promise<QuizScore[]> {
    return this.scores.find({ where: { userId, courseId: In(courseIds) }, order: { quizId: 'asc' } });
  }
}
