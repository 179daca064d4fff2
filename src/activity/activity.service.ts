import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { Value } from '../database/statement.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { ActivityRepository, type CourseScore } from './activity.repository.js';
import type { QuizScore } from './quiz-score.entity.js';
import { type Activity, BEGIN_COURSE, LOCK_STREAK, type Recording, RESET_STREAK, TOUCH_COURSE } from './recording.js';
import { Streak } from './streak.entity.js';
import { afterActivity, localDate, NO_STREAK } from './streak.js';

/** What recording an activity has come to. */
interface Outcome<Row> {
  /** What the statement that wrote it has returned. */
  done: Row;
  /** Whether the course was begun with it. */
  isBegun: boolean;
}

/**
 * What a learner has done: which courses they have begun, their streak and their standing in each quiz. It knows
 * nothing of what the courses hold.
 */
@Injectable()
export class ActivityService {
  constructor(
    private readonly activity: ActivityRepository,
    private readonly unitOfWork: UnitOfWork,
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
  ): Promise<Outcome<Row> | null> {
    const today = localDate(activity.at, timezone);
    if (this.activity.isRemote) {
      const sameDay = await this.unitOfWork.runOne((manager) =>
        recording.sameDay.row(manager, Object.assign({ today }, activity) as never),
      );
      if (sameDay?.isSameDay) return sameDay.done && { done: sameDay.done, isBegun: sameDay.isBegun };
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
  countActive(days: number): Promise<number> {
    return this.activity.countActiveSince(this.clock.in(-days * 86_400));
  }

  /** The learner's standing in every quiz of a course that they have submitted. */
  scoresOf(userId: string, courseId: string): Promise<CourseScore[]> {
    return this.activity.scoresOf(userId, courseId);
  }

  /** The learner's standing in every quiz of these courses that they have submitted. */
  scoresIn(userId: string, courseIds: string[]): Promise<QuizScore[]> {
    return this.activity.scoresIn(userId, courseIds);
  }
}

/** Of one learner's activities at once each waits for the other here, and holds nothing else that another needs. */
async function countDay(manager: EntityManager, { userId, at }: Activity, today: string): Promise<void> {
  const streak = (await LOCK_STREAK.row(manager, { userId, at })) ?? NO_STREAK;
  const next = afterActivity(streak, today);
  if (next !== streak) await manager.update(Streak, { userId }, next);
}
