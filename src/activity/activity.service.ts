import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { LongReads } from '../database/long-reads.js';
import { isPostgres, Statement, type Value } from '../database/statement.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { QuizScore } from './quiz-score.entity.js';
import { type Activity, BEGIN_COURSE, LOCK_STREAK, type Recording, RESET_STREAK, TOUCH_COURSE } from './recording.js';
import { Streak } from './streak.entity.js';
import { afterActivity, localDate, NO_STREAK } from './streak.js';
import { UserProgress } from './user-progress.entity.js';

interface Recorded<Row> {
  /** What the statement that wrote it has returned. */
  done: Row;
  /** Whether the course was begun with it. */
  isBegun: boolean;
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
   * @returns null if it was done before
   */
  async record<Row extends object, Values extends Activity & Record<keyof Values, Value>>(
    recording: Recording<Row, Values>,
    activity: Values,
    timezone: string,
  ): Promise<Recorded<Row> | null> {
    const today = localDate(activity.at, timezone);
    if (isPostgres(this.scores.manager)) {
      const again = await this.unitOfWork.runOne((manager) =>
        recording.again.row(manager, Object.assign({ today }, activity) as never),
      );
      if (again?.isOpen) return again.done && { done: again.done, isBegun: again.isBegun };
    }
    return this.unitOfWork.run(async (manager) => {
      // By itself: its foreign keys lock what it refers to before any of the learner's other rows, as a deletion does.
      const done = await recording.done.row(manager, activity);
      if (!done) return null;
      await countDay(manager, activity, today);
      const isBegun =
        !(await TOUCH_COURSE.row(manager, activity)) && (await BEGIN_COURSE.row(manager, activity)) !== null;
      await recording.keepScore?.row(manager, activity);
      return { done, isBegun };
    });
  }

  /** Sets the streak back to nothing; the longest is kept. */
  async resetStreak(userId: string): Promise<void> {
    const at = this.clock.now();
    await this.unitOfWork.run((manager) => RESET_STREAK.affected(manager, { userId, at }));
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

/** Of one learner's activities at once each waits for the other here, and holds nothing else that another needs. */
async function countDay(manager: EntityManager, { userId, at }: Activity, today: string): Promise<void> {
  const streak = (await LOCK_STREAK.row(manager, { userId, at })) ?? NO_STREAK;
  const next = afterActivity(streak, today);
  if (next !== streak) await manager.update(Streak, { userId }, next);
}
