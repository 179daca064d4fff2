import { ApiExtraModels, ApiHideProperty, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type { CourseScore } from '../activity/activity.repository.js';
import { PageQuery } from '../common/page-query.dto.js';
import { QueryFlag } from '../common/query-flag.js';

export class ProgressListQuery extends PageQuery {
  /** Whether the courses come with the scores of their quizzes; without them `quiz_scores` is null. */
  @QueryFlag()
  include_scores: boolean = true;
}

/** A learner's standing in one quiz. */
export class QuizScoreDto {
  /** Of the latest submission, 0 to 1. */
  score: number;

  /** Whether the latest submission passed. */
  passed: boolean;

  /** The best of all submissions, 0 to 1. */
  best_score: number;

  /** How many submissions were graded. */
  @ApiProperty({ type: 'integer' })
  attempts: number;

  /** When the latest was submitted. */
  date: Date;
}

const QUIZ_SCORES = { type: 'object', additionalProperties: { $ref: getSchemaPath(QuizScoreDto) } } as const;

/** What a learner has done of one course. */
@ApiExtraModels(QuizScoreDto)
export class UserProgressDto {
  /** Null if the course is not begun. */
  @ApiProperty({ type: 'integer', nullable: true })
  id: number | null;

  user_id: string;

  course_id: string;

  /** The ids of the completed chapters, by their order. */
  completed_chapters: string[];

  /** By the quiz's id. */
  @ApiProperty(QUIZ_SCORES)
  quiz_scores: Record<string, QuizScoreDto>;

  /** How many chapters the course has now, premium ones included. */
  @ApiProperty({ type: 'integer' })
  total_chapters: number;

  /** 0 to 100, with two decimals. @example 33.33 */
  completion_percentage: number;

  /** Consecutive local days with a completed chapter or a graded submission, across courses. */
  @ApiProperty({ type: 'integer' })
  streak_days: number;

  /** The longest streak there was, in days; a reset keeps it. */
  @ApiProperty({ type: 'integer' })
  longest_streak_days: number;

  /** When a chapter was completed or a quiz submitted last; null if the course is not begun. */
  last_accessed: Date | null;

  /** When the course was begun; null if it is not. */
  created_at: Date | null;

  /** When a completion or a submission changed it last; null if the course is not begun. */
  updated_at: Date | null;
}

/** What a learner has done of one course, in a list of all that they have begun. */
export class CourseProgressDto {
  course_id: string;

  course_title: string;

  /** How many chapters are completed. */
  @ApiProperty({ type: 'integer' })
  completed_chapters: number;

  /** How many chapters the course has now, premium ones included. */
  @ApiProperty({ type: 'integer' })
  total_chapters: number;

  /** 0 to 100, with two decimals. @example 33.33 */
  completion_percentage: number;

  // Hidden from the plugin, and as two alternatives: generators of clients overlook that a map may be null.
  @ApiHideProperty()
  @ApiProperty({
    description: "By the quiz's id; null where they were not asked for.",
    oneOf: [QUIZ_SCORES, { type: 'null' }],
  })
  quiz_scores: Record<string, QuizScoreDto> | null;

  /** Consecutive local days with a completed chapter or a graded submission, across courses. */
  @ApiProperty({ type: 'integer' })
  streak_days: number;

  /** When a chapter was completed or a quiz submitted last. */
  last_accessed: Date;
}

/** What was done, and where the learner stands now. */
export class ProgressChangeDto {
  /** @example "Completed “Why types”, 1 of 10 chapters" */
  message: string;

  progress: UserProgressDto;
}

export class StreakResetDto {
  message: string;

  user_id: string;

  @ApiProperty({ type: 'integer' })
  streak_days: number;
}

/** The share of a course that is completed, 0 to 100 with two decimals. */
export function completionPercentage(completed: number, total: number): number {
  return total === 0 ? 0 : Math.round((completed / total) * 10_000) / 100;
}

export function toQuizScores(scores: CourseScore[]): Record<string, QuizScoreDto> {
  return Object.fromEntries(
    scores.map(({ quizId, score, passed, bestScore, attempts, submittedAt }) => [
      quizId,
      { score, passed, best_score: bestScore, attempts, date: submittedAt },
    ]),
  );
}
