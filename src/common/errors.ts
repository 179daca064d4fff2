/** The HTTP status of every error code that a client can meet. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  USER_NOT_AUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  TOKEN_EXPIRED: 401,
  INVALID_TOKEN: 401,
  INSUFFICIENT_PERMISSIONS: 403,
  SUBSCRIPTION_REQUIRED: 403,
  ACCOUNT_DISABLED: 403,
  WRONG_PASSWORD: 403,
  COURSE_NOT_FOUND: 404,
  CHAPTER_NOT_FOUND: 404,
  SECTION_NOT_FOUND: 404,
  QUIZ_NOT_FOUND: 404,
  NO_NEXT_CHAPTER: 404,
  NO_PREVIOUS_CHAPTER: 404,
  USER_NOT_FOUND: 404,
  QUESTION_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  COMPLETION_NOT_FOUND: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  EMAIL_TAKEN: 409,
  USERNAME_TAKEN: 409,
  SESSION_ENDED: 409,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALIDATION_ERROR: 422,
  IDEMPOTENCY_CONFLICT: 422,
  RATE_LIMIT_EXCEEDED: 429,
  QUIZ_SUBMISSION_LIMIT_EXCEEDED: 429,
  QUOTA_EXCEEDED: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL_SERVER_ERROR: 500,
  LLM_BAD_ANSWER: 502,
  SERVICE_UNAVAILABLE: 503,
  LLM_UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One field of the input that broke a rule; `field` is a path such as `answers.q1`. */
export interface FieldError {
  field: string;
  message: string;
}

interface AppErrorOptions {
  /** The fields that broke a rule; sent with `VALIDATION_ERROR`. */
  errors?: FieldError[];
  /** Seconds after which the caller may try again; sent as `Retry-After`. */
  retryAfter?: number;
  /** The methods that the URL knows; sent as `Allow`. */
  allow?: string;
  /** What the app's token lacks; sent as `WWW-Authenticate`. */
  scope?: string;
  /** What led here; logged, never sent. */
  cause?: unknown;
}

/** The only error that services throw. Its message reaches the client, so it holds nothing internal. */
export class AppError extends Error {
  readonly errors?: FieldError[];
  readonly retryAfter?: number;
  readonly allow?: string;
  readonly scope?: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
    this.allow = options.allow;
    this.scope = options.scope;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** More would help nobody to mend the input. */
const MAX_FIELD_ERRORS = 20;

/** A 422 that names the fields; its `detail` is the first of their messages. */
export function validationError(all: FieldError[]): AppError {
  const errors = all.slice(0, MAX_FIELD_ERRORS);
  const [first] = errors;
  return new AppError('VALIDATION_ERROR', first ? `${first.field}: ${first.message}` : 'The input is not valid', {
    errors,
  });
}

/** A 503 that asks the caller to come back. */
export function unavailable(message: string, retryAfter: number, cause?: unknown): AppError {
  return new AppError('SERVICE_UNAVAILABLE', message, { retryAfter, cause });
}
