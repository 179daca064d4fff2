import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { insertNew } from '../database/insert-new.js';
import { LongReads } from '../database/long-reads.js';

import { QuizScore } from './quiz-score.entity.js';
import { Streak } from './streak.entity.js';
import { afterActivity, localDate, NO_STREAK, type StreakDays } from './streak.js';
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

/**
 * What a learner has done: which courses they have begun, their streak and their standing in each quiz. It knows nothing
 * of what the courses hold.
 */
@Injectable()
export class ActivityService {
  constructor(
    @InjectRepository(UserProgress) private readonly begun: Repository<UserProgress>,
    @InjectRepository(Streak) private readonly streaks: Repository<Streak>,
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
    const { quizId, score, passed } = result;
    const first = { userId, quizId, courseId, score, passed, bestScore: score, attempts: 1, submittedAt: at };
    if (await insertNew(manager, QuizScore, first)) return;
    await manager
      .createQueryBuilder()
      .update(QuizScore)
      .set({
        score,
        passed,
        courseId,
        submittedAt: at,
        attempts: () => 'attempts + 1',
        bestScore: () => 'CASE WHEN best_score > :score THEN best_score ELSE :score END',
      })
      .where({ userId, quizId })
      .setParameter('score', score)
      .execute();
  }

  /** Sets the streak back to nothing; the longest is kept. A unit of work of its own calls it. */
  async resetStreak(manager: EntityManager, userId: string, at: Date): Promise<void> {
    await lockStreak(manager, userId, at);
    await manager.update(Streak, { userId }, { days: 0, lastActiveOn: null });
  }

  async streakOf(userId: string): Promise<StreakDays> {
    return (await this.streaks.findOneBy({ userId })) ?? NO_STREAK;
  }

  /** Null if the learner has not begun the course. */
  findBegun(userId: string, courseId: string): Promise<UserProgress | null> {
    return this.begun.findOneBy({ userId, courseId });
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

  /** The learner's standing in every quiz of these courses that they have submitted. */
  scoresIn(userId: string, courseIds: string[]): Promise<QuizScore[]> {
    return this.scores.find({ where: { userId, courseId: In(courseIds) }, order: { quizId: 'asc' } });
  }
}

/** @returns whether the course was begun with it */
async function touchCourse(manager: EntityManager, userId: string, courseId: string, at: Date): Promise<boolean> {
  const touched = { lastAccessed: at, updatedAt: at };
  const { affected } = await manager.update(UserProgress, { userId, courseId }, touched);
  return affected === 0 && insertNew(manager, UserProgress, { userId, courseId, ...touched, createdAt: at });
}

/** The streak, locked until the unit of work ends, as the next one depends on it. An update is a lock everywhere. */
async function lockStreak(manager: EntityManager, userId: string, at: Date): Promise<StreakDays> {
  const lock = () => manager.update(Streak, { userId }, { updatedAt: at });
  if ((await lock()).affected === 0) {
    await insertNew(manager, Streak, { userId, ...NO_STREAK, updatedAt: at });
    await lock();
  }
  return manager.findOneByOrFail(Streak, { userId });
}
