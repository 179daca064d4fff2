import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Recording, type ScoredActivity } from '../activity/recording.js';
import { Statement } from '../database/statement.js';
import { QuizAttempt } from './quiz-attempt.entity.js';

/** What was submitted and what it was answered. */
export type StoredSubmission = Pick<QuizAttempt, 'id' | 'quizId' | 'answers' | 'result'>;

interface SubmissionRow {
  id: number;
  quizId: string;
  answers: string;
  result: string;
}

const FIND = new Statement<SubmissionRow, 'userId' | 'submissionId'>(
  `SELECT id, quiz_id AS "quizId", answers, result FROM quiz_attempts
   WHERE user_id = :userId AND submission_id = :submissionId`,
  {},
);

/** A submission that is graded. */
export const SUBMISSION = new Recording<
  Pick<QuizAttempt, 'id'>,
  ScoredActivity & { submissionId: string; answers: string; result: string }
>(
  (condition) =>
    `INSERT INTO quiz_attempts (user_id, quiz_id, submission_id, answers, score, passed, result, completed_at)
     SELECT :userId, :quizId, :submissionId, :answers, :score, :passed, :result, :at WHERE ${condition}
     ON CONFLICT DO NOTHING RETURNING id`,
  { table: 'quizzes', id: 'quizId' },
  true,
);

/** Submissions as they were graded: stored once, never changed. */
@Injectable()
export class AttemptsRepository {
  constructor(@InjectRepository(QuizAttempt) private readonly attempts: Repository<QuizAttempt>) {}

  /** What the user submitted with this id, and was answered. */
  async find(userId: string, submissionId: string): Promise<StoredSubmission | null> {
    const row = await FIND.row(this.attempts.manager, { userId, submissionId });
    return row && { ...row, answers: JSON.parse(row.answers) as object, result: JSON.parse(row.result) as object };
  }

  /** A learner's attempts at a quiz, the newest first, and how many there are. */
  list(userId: string, quizId: string, limit: number, offset: number): Promise<[QuizAttempt[], number]> {
    return this.attempts.findAndCount({
      where: { userId, quizId },
      order: { completedAt: 'desc', id: 'desc' },
      take: limit,
      skip: offset,
    });
  }
}
