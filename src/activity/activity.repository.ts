import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { isPostgres } from '../database/dialect.js';
import { LongReads } from '../database/long-reads.js';
import { Statement } from '../database/statement.js';
import { QuizScore } from './quiz-score.entity.js';
import { UserProgress } from './user-progress.entity.js';

/** A learner's standing in a quiz of a course. */
export type CourseScore = Omit<QuizScore, 'userId' | 'courseId'>;

const SCORES = new Statement<CourseScore, 'userId' | 'courseId'>(
  `SELECT quiz_id AS "quizId", score, passed, best_score AS "bestScore", attempts, submitted_at AS "submittedAt"
   FROM quiz_scores WHERE user_id = :userId AND course_id = :courseId ORDER BY quiz_id`,
  { passed: 'flag', submittedAt: 'moment' },
);

/** What is read of learners' activity; `recording.ts` writes it. */
@Injectable()
export class ActivityRepository {
  constructor(
    @InjectRepository(UserProgress) private readonly begun: Repository<UserProgress>,
    @InjectRepository(QuizScore) private readonly scores: Repository<QuizScore>,
    private readonly reads: LongReads,
  ) {}

  /** Whether each statement is a way there and back, so that it pays to send one that does all. */
  get isRemote(): boolean {
    return isPostgres(this.scores.manager.connection);
  }

  /** How many learners have been active since a moment. */
  async countActiveSince(since: Date): Promise<number> {
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
