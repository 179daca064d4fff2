import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { insertNew } from '../database/insert-new.js';
import { LongReads } from '../database/long-reads.js';
import { Statement } from '../database/statement.js';
import { QuizScore } from './quiz-score.entity.js';
import { Streak } from './streak.entity.js';
import { afterActivity, localDate, type StreakDays } from './streak.js';
import { UserProgress } from './user-progress.entity.js';

/** A completion or a graded submission. */
export interface Activity {
  userId: string;
  courseId: string;
  at: Date;
  /** The learner's time zone (IANA), by which the days of the streak are counted. */
  timezone: string;
}

/** The result of a graded submission. */
export interface ScoredSubmission {
  quizId: string;
  score: number;
  passed: boolean;
}

const TOUCH_COURSE = new Statement<object, 'userId' | 'courseId' | 'at'>(
  'UPDATE user_progress SET last_accessed = :at, updated_at = :at WHERE user_id = :userId AND course_id = :courseId',
  {},
);

/** A row that is written is locked until the unit of work ends. */
const LOCK_STREAK = new Statement<StreakDays, 'userId' | 'at'>(
  `INSERT INTO streaks (user_id, days, longest_days, updated_at) VALUES (:userId, 0, 0, :at)
   ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at
   RETURNING days, longest_days AS "longestDays", last_active_on AS "lastActiveOn"`,
  {},
);

const KEEP_SCORE = new Statement<object, 'userId' | 'quizId' | 'courseId' | 'score' | 'passed' | 'at'>(
  `INSERT INTO quiz_scores (user_id, quiz_id, course_id, score, passed, best_score, attempts, submitted_at)
   VALUES (:userId, :quizId, :courseId, :score, :passed, :score, 1, :at)
   ON CONFLICT (user_id, quiz_id) DO UPDATE SET
     course_id = excluded.course_id, score = excluded.score, passed = excluded.passed,
     best_score = CASE WHEN quiz_scores.best_score > excluded.best_score
       THEN quiz_scores.best_score ELSE excluded.best_score END,
     attempts = quiz_scores.attempts + 1, submitted_at = excluded.submitted_at`,
  {},
);

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
    private readonly reads: LongReads,
    private readonly clock: Clock,
  ) {}

  /**
   * Records that the learner was active, as a part of the unit of work that records with what.
   * @returns whether the course was begun with it
   */
  async record(manager: EntityManager, { userId, courseId, at, timezone }: Activity): Promise<boolean> {
    const isBegun = await touchCourse(manager, userId, courseId, at);
    const streak = await lockStreak(manager, userId, at);
    const next = afterActivity(streak, localDate(at, timezone));
    if (next !== streak) await manager.update(Streak, { userId }, next);
    return isBegun;
  }

  /** Records a graded submission as the latest of its quiz, as a part of the unit of work that stores it. */
  async recordScore(
    manager: EntityManager,
    { userId, courseId, at }: Activity,
    result: ScoredSubmission,
  ): Promise<void> {
    await KEEP_SCORE.affected(manager, { userId, courseId, at, ...result });
  }

  /** Sets the streak back to nothing; the longest is kept. A unit of work of its own calls it. */
  async resetStreak(manager: EntityManager, userId: string, at: Date): Promise<void> {
    await lockStreak(manager, userId, at);
    await manager.update(Streak, { userId }, { days: 0, lastActiveOn: null });
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

/** @returns whether the course was begun with it */
async function touchCourse(manager: EntityManager, userId: string, courseId: string, at: Date): Promise<boolean> {
  if ((await TOUCH_COURSE.affected(manager, { userId, courseId, at })) > 0) return false;
  return insertNew(manager, UserProgress, { userId, courseId, lastAccessed: at, createdAt: at, updatedAt: at });
}

/** The streak, locked until the unit of work ends, as the next one depends on it. */
async function lockStreak(manager: EntityManager, userId: string, at: Date): Promise<StreakDays> {
  const [streak] = await LOCK_STREAK.rows(manager, { userId, at });
  return streak;
}
