import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { ActivityService } from '../activity/activity.service.js';
import type { Reader } from '../auth/reader.js';
import { Clock } from '../common/clock.js';
import { AppError, validationError } from '../common/errors.js';
import type { PageQuery } from '../common/page-query.dto.js';
import { Page } from '../common/pagination.js';
import { LimitsService } from '../limits/limits.service.js';
import { Metrics } from '../metrics/metrics.js';
import { conflictIfGone, goneMeanwhile, UsersService } from '../users/users.service.js';
import { readAnswers } from './answers.js';
import { AttemptsRepository, type StoredSubmission, SUBMISSION } from './attempts.repository.js';
import { gradeQuiz, isGradable } from './grading.js';
import {
  type QuizAttemptDto,
  type QuizResultDto,
  type QuizSubmissionDto,
  toQuizAttemptDto,
  toQuizResultDto,
} from './quizzes.dto.js';
import { QuizzesService } from './quizzes.service.js';
import { toResult } from './result.js';

/** Graded submissions: made, made again by mistake, and looked back at. */
@Injectable()
export class SubmissionsService {
  constructor(
    private readonly attempts: AttemptsRepository,
    private readonly quizzes: QuizzesService,
    private readonly activity: ActivityService,
    private readonly users: UsersService,
    private readonly limits: LimitsService,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Grades a submission and stores it, all of it or nothing. The same `submission_id` again, at whatever time, gets the
   * first result, whatever has become of the quiz and of the plan since.
   * @throws {AppError} QUIZ_NOT_FOUND, SUBSCRIPTION_REQUIRED, VALIDATION_ERROR, IDEMPOTENCY_CONFLICT, CONFLICT
   */
  async submit(userId: string, reader: Reader, submission: QuizSubmissionDto): Promise<QuizResultDto> {
    const submissionId = submission.submission_id ?? randomUUID();
    let refusal: AppError | undefined;
    try {
      const result = await this.grade(userId, reader, submissionId, submission);
      if (result) return result;
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      refusal = error;
    }
    const before = await this.attempts.find(userId, submissionId);
    if (!before) throw refusal ?? goneMeanwhile();
    return this.repeat(before, submission);
  }

  /** A learner's attempts at a quiz, the newest first. @throws {AppError} USER_NOT_FOUND, QUIZ_NOT_FOUND */
  async list(userId: string, quizId: string, { limit, offset }: PageQuery): Promise<Page<QuizAttemptDto>> {
    await this.users.mustExist(userId);
    await this.quizzes.getPublished(quizId);
    const [attempts, total] = await this.attempts.list(userId, quizId, limit, offset);
    return new Page(attempts.map(toQuizAttemptDto), total, limit, offset);
  }

  /** Whether the user has made a submission with this id before. */
  async isKnown(userId: string, submissionId: string): Promise<boolean> {
    return (await this.attempts.find(userId, submissionId)) !== null;
  }

  /** Null if the same submission was made before, or the account is gone. @throws as `submit` does */
  private async grade(
    userId: string,
    reader: Reader,
    submissionId: string,
    { quiz_id, answers }: QuizSubmissionDto,
  ): Promise<QuizResultDto | null> {
    const quiz = await this.quizzes.getOpen(quiz_id, reader);
    if (!isGradable(quiz.questions)) {
      throw validationError([{ field: 'quiz_id', message: 'names a quiz of free text, which is not graded here' }]);
    }
    const grade = gradeQuiz(quiz.questions, readAnswers(quiz.questions, answers), quiz.passingScore);
    const at = this.clock.now();
    const result = toResult(quiz, grade, at);
    const { score, passed } = grade;
    const attempt = { userId, quizId: quiz.id, submissionId, score, passed, at };
    const written = { answers: JSON.stringify(answers), result: JSON.stringify(result) };
    const timezone = await this.users.timezoneOf(userId).catch(conflictIfGone);
    const submission = Object.assign(attempt, written, { courseId: quiz.courseId });
    const recorded = await this.activity.record(SUBMISSION, submission, timezone);
    if (!recorded) return null;
    this.metrics.quizSubmissions.inc({ outcome: passed ? 'passed' : 'failed' });
    if (recorded.isBegun) this.metrics.coursesBegun.inc();
    return toQuizResultDto({ id: recorded.done.id, result });
  }

  /** The first result again, which does not count as a submission. @throws {AppError} IDEMPOTENCY_CONFLICT */
  private async repeat(attempt: StoredSubmission, { quiz_id, answers }: QuizSubmissionDto): Promise<QuizResultDto> {
    if (attempt.quizId !== quiz_id || !isDeepStrictEqual(given(attempt.answers), given(asStored(answers)))) {
      throw new AppError('IDEMPOTENCY_CONFLICT', 'This submission_id was used for other answers');
    }
    await this.limits.exempt();
    return toQuizResultDto(attempt);
  }
}

/** Answers as the database gives them back, where minus zero is zero. */
function asStored(answers: object): object {
  return JSON.parse(JSON.stringify(answers)) as object;
}

/** Without those that are null, which are none. */
function given(answers: object): object {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer !== null));
}
