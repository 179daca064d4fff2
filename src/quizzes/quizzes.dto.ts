import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, Matches } from 'class-validator';
import { CallerDto } from '../auth/caller.dto.js';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import { PageQuery } from '../common/page-query.dto.js';
import { QueryFlag } from '../common/query-flag.js';
import { UuidField } from '../common/uuid-field.js';
import type { QuizAttempt } from './quiz-attempt.entity.js';
import { isPremiumQuiz, type Quiz } from './quiz.entity.js';
import { type Question, QUESTION_TYPES, type QuestionType } from './question.js';
import { servedOptions } from './served-options.js';

const ANSWER = {
  oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'number' }, { type: 'boolean' }],
};
/** What may be sent; null is no answer. */
const GIVEN_ANSWER = { oneOf: [...ANSWER.oneOf, { type: 'null' }] };

/** A question as a learner sees it: without its answer. */
export class QuestionDto {
  /** Unique in its quiz. @example "q1" */
  id: string;

  /** What is asked for, and how it is graded. */
  @ApiProperty({ enum: QUESTION_TYPES, enumName: 'QuestionType' })
  type: QuestionType;

  /** Markdown. */
  question: string;

  /** What to choose from, or what to put in order; only where the type has options. */
  options?: string[];

  /** The question's weight in the score. @example 1 */
  points: number;
}

export class QuizDto {
  /** @example "modern-python-with-typing-quiz-why-types" */
  id: string;

  /** @example "modern-python-with-typing" */
  course_id: string;

  /** @example "modern-python-with-typing-why-types" */
  chapter_id: string;

  title: string;

  /** The least score, 0 to 1, that passes. @example 0.7 */
  passing_score: number;

  /** Whether it takes a premium plan: the quiz or its chapter is marked so. */
  is_premium: boolean;

  @ApiProperty({ type: 'integer' })
  question_count: number;

  /** Null where they were not asked for. */
  @ApiProperty({ type: [QuestionDto], nullable: true })
  questions: QuestionDto[] | null;

  created_at: Date;

  updated_at: Date;
}

export class QuizListQuery extends PageQuery {
  /** Whether the quizzes come with their questions. */
  @QueryFlag()
  include_questions: boolean = true;
}

export class QuizSubmissionDto extends CallerDto {
  /** @example "modern-python-with-typing-quiz-why-types" */
  @Matches(ID_PATTERN, { message: ID_RULE })
  quiz_id: string;

  /** The answers by question id: text, a list of options, a number or a boolean; null is no answer. */
  @IsObject({ message: 'must be an object of answers by question id' })
  @ApiProperty({ type: 'object', additionalProperties: GIVEN_ANSWER, example: { q1: 'Hello', q2: true } })
  answers: Record<string, unknown>;

  /** A new uuid for each submission: sent again, it gets the first result and stores nothing. */
  @UuidField()
  submission_id?: string;
}

/** How one question was answered. */
export class QuestionResultDto {
  /** @example "q1" */
  question_id: string;

  /** Whether the answer is wholly right; null where it is not graded here. */
  @ApiProperty({ type: 'boolean', nullable: true })
  correct: boolean | null;

  /** The fraction of the question's points, 0 to 1; null where it is not graded here. */
  @ApiProperty({ type: 'number', nullable: true })
  score: number | null;

  /** The question's weight in the score. @example 1 */
  points: number;

  /** Where the quiz reveals it and the question was answered. */
  @ApiPropertyOptional(ANSWER)
  correct_answer?: string | string[] | number | boolean;

  /** Markdown, where the quiz reveals it and the question was answered. */
  explanation?: string;

  /** By option, where the quiz reveals them and the question was answered. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  option_explanations?: Record<string, string>;
}

/** The grade of a submission. */
export class QuizResultDto {
  @ApiProperty({ type: 'integer' })
  attempt_id: number;

  quiz_id: string;

  /** 0 to 1. @example 0.8 */
  score: number;

  passed: boolean;

  /** @example 0.7 */
  passing_score: number;

  /** What was right, how far it is to passing and what to read again, in a sentence or two. */
  feedback: string;

  results: QuestionResultDto[];

  completed_at: Date;
}

/** A submission that was graded before. */
export class QuizAttemptDto {
  @ApiProperty({ type: 'integer' })
  id: number;

  user_id: string;

  quiz_id: string;

  /** As they were sent. */
  @ApiProperty({ type: 'object', additionalProperties: GIVEN_ANSWER })
  answers: Record<string, unknown>;

  /** 0 to 1. */
  score: number;

  passed: boolean;

  completed_at: Date;
}

export function toQuizDto(quiz: Quiz, withQuestions = true): QuizDto {
  return {
    id: quiz.id,
    course_id: quiz.courseId,
    chapter_id: quiz.chapterId,
    title: quiz.title,
    passing_score: quiz.passingScore,
    is_premium: isPremiumQuiz(quiz),
    question_count: quiz.questions.length,
    questions: withQuestions ? quiz.questions.map((question) => toQuestionDto(quiz.id, question)) : null,
    created_at: quiz.createdAt,
    updated_at: quiz.updatedAt,
  };
}

function toQuestionDto(quizId: string, question: Question): QuestionDto {
  const options = servedOptions(quizId, question);
  return {
    id: question.id,
    type: question.type,
    question: question.question,
    ...(options && { options }),
    points: question.points,
  };
}

export function toQuizResultDto({ id, result }: Pick<QuizAttempt, 'id' | 'result'>): QuizResultDto {
  return { attempt_id: id, ...(result as Omit<QuizResultDto, 'attempt_id'>) };
}

export function toQuizAttemptDto(attempt: QuizAttempt): QuizAttemptDto {
  return {
    id: attempt.id,
    user_id: attempt.userId,
    quiz_id: attempt.quizId,
    answers: attempt.answers as Record<string, unknown>,
    score: attempt.score,
    passed: attempt.passed,
    completed_at: attempt.completedAt,
  };
}
