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
  /** The learner's time zone (IANA), by which the days of the streak are counted. */
  timezone: string;
}

/** The result of a graded submission. */
interface ScoredSubmission {
  quizId: string;
  score: number;
  passed: boolean;
}

interface Recorded<Row> {
  /** What the statement that wrote it has returned. */
  done: Row;
  /** Whether the course was begun with it. */
  isBegun: boolean;
}

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

/** The streak first, so that of one learner's activities each waits for the other there and holds nothing else. */
const ACTIVE = new Together({ streak: LOCK_STREAK, begun: TOUCH_COURSE });
const ACTIVE_IN_QUIZ = new Together({ streak: LOCK_STREAK, begun: TOUCH_COURSE, score: KEEP_SCORE });

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
   * @param done writes what was done, and returns a row unless it was done before
   * @param activity the values that `done` takes, among others
   * @returns null if it was done before
   */
  record<Row extends object, Parameter extends string>(
    done: Statement<Row, Parameter>,
    activity: Record<Parameter, Value> & Activity,
  ): Promise<Recorded<Row> | null> {
    return this.write(done, activity, (manager) => ACTIVE.rows(manager, activity));
  }

  /** Records a graded submission as `record` does, and as the latest of its quiz. */
  recordScore<Row extends object, Parameter extends string>(
    done: Statement<Row, Parameter>,
    submission: Record<Parameter, Value> & Activity & ScoredSubmission,
  ): Promise<Recorded<Row> | null> {
    return this.write(done, submission, (manager) => ACTIVE_IN_QUIZ.rows(manager, submission));
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

  /**
   * `done` goes by itself: its foreign keys lock what it refers to before any of the learner's other rows, as a deletion does.
   * @param writeAlso writes that the learner was active
   */
  private write<Row extends object, Parameter extends string>(
    done: Statement<Row, Parameter>,
    activity: Record<Parameter, Value> & Activity,
    writeAlso: (manager: EntityManager) => Promise<{ streak: StreakDays | null; begun: object | null }>,
  ): Promise<Recorded<Row> | null> {
    const { userId, courseId, at, timezone } = activity;
    return this.unitOfWork.run(async (manager) => {
      const row = await done.row(manager, activity);
      if (!row) return null;
      const { streak, begun } = await writeAlso(manager);
      const next = afterActivity(streak ?? NO_STREAK, localDate(at, timezone));
      if (next !== streak) await manager.update(Streak, { userId }, next);
      const progress = { userId, courseId, lastAccessed: at, createdAt: at, updatedAt: at };
      return { done: row, isBegun: !begun && (await insertNew(manager, UserProgress, progress)) };
    });
  }
}
