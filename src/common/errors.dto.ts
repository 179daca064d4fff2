import { ApiProperty } from '@nestjs/swagger';
import { ERROR_STATUS, type ErrorCode } from './errors.js';

/** A field of the input that broke a rule. */
export class FieldErrorDto {
  /** The path to it, such as `answers.q1`; `body` for the body as a whole. @example "limit" */
  field: string;

  /** What would be right. @example "must be a whole number from 1 to 200" */
  message: string;
}

/** The shape of every error. */
export class ErrorDto {
  /** What went wrong, in a sentence. */
  detail: string;

  /** What went wrong, for a program. */
  @ApiProperty({ enum: Object.keys(ERROR_STATUS), enumName: 'ErrorCode' })
  error_code: ErrorCode;

  /** When it happened, by the server's clock. */
  timestamp: Date;

  /** The same as in `X-Request-Id` and in the server's log. */
  request_id: string;

  /** With `VALIDATION_ERROR`: the fields that broke a rule, 20 at the most. */
  errors?: FieldErrorDto[];
}

/** An error as an example for the documentation. */
export function exampleOf(code: ErrorCode): object {
  return {
    detail: DETAILS[code],
    error_code: code,
    timestamp: '2026-11-22T10:00:00.000Z',
    request_id: '0d9c1d6e-5f0c-4a8e-9d5c-3f4c2a1b7e60',
    ...(code === 'VALIDATION_ERROR' && {
      errors: [{ field: 'limit', message: 'must be a whole number from 1 to 200' }],
    }),
  };
}

const DETAILS: Record<ErrorCode, string> = {
  BAD_REQUEST: 'The URL cannot be decoded',
  USER_NOT_AUTHENTICATED: 'This is premium content: sign in with an account whose plan opens it',
  INVALID_CREDENTIALS: 'The login or the password is wrong',
  TOKEN_EXPIRED: 'The access token has expired',
  INVALID_TOKEN: 'The access token is not valid',
  INSUFFICIENT_PERMISSIONS: 'This is not yours',
  SUBSCRIPTION_REQUIRED: 'This is premium content, which your plan does not open',
  ACCOUNT_DISABLED: 'This account is disabled',
  WRONG_PASSWORD: 'The password is wrong',
  COURSE_NOT_FOUND: "Course 'x' does not exist",
  CHAPTER_NOT_FOUND: "Chapter 'x' does not exist",
  SECTION_NOT_FOUND: "Chapter 'x' has no section 'y'",
  QUIZ_NOT_FOUND: "Quiz 'x' does not exist",
  NO_NEXT_CHAPTER: "Chapter 'x' is the last of its course",
  NO_PREVIOUS_CHAPTER: "Chapter 'x' is the first of its course",
  USER_NOT_FOUND: "User 'x' does not exist",
  QUESTION_NOT_FOUND: "Question 'x' does not exist",
  SESSION_NOT_FOUND: "Session 'x' does not exist",
  COMPLETION_NOT_FOUND: "Chapter 'x' is not completed",
  NOT_FOUND: 'There is nothing at /api/v1/x',
  METHOD_NOT_ALLOWED: 'PUT is not allowed here',
  EMAIL_TAKEN: 'This email has an account already',
  USERNAME_TAKEN: 'This username is taken',
  SESSION_ENDED: 'This session has ended: begin another one',
  CONFLICT: 'What this refers to is gone or has changed meanwhile',
  PAYLOAD_TOO_LARGE: 'The body is larger than 256 KiB',
  URI_TOO_LONG: 'The URL is longer than 8000 characters',
  UNSUPPORTED_MEDIA_TYPE: 'The body must be application/json',
  VALIDATION_ERROR: 'limit: must be a whole number from 1 to 200',
  RATE_LIMIT_EXCEEDED: 'You have asked too often',
  QUIZ_SUBMISSION_LIMIT_EXCEEDED: 'You have submitted too many quizzes',
  IDEMPOTENCY_CONFLICT: 'This submission_id was used for other answers',
  QUOTA_EXCEEDED: 'The quota of this day is spent',
  HEADERS_TOO_LARGE: 'The headers are larger than 16 KiB',
  INTERNAL_SERVER_ERROR: 'Something went wrong on our side',
  LLM_BAD_ANSWER: 'The model gave no answer that can be used',
  LLM_UNAVAILABLE: 'The model cannot be reached for now',
  SERVICE_UNAVAILABLE: 'The database cannot be reached for now',
};
