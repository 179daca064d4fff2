import { SCOPES, type Scope } from '../auth/scope.js';
import type { AppError, ErrorCode } from '../common/errors.js';

/** What a tool answers where it cannot do what it was asked for. */
export type ErrorResult = {
  content: { type: 'text'; text: string }[];
  isError: true;
  _meta?: Record<string, string[]>;
};

/** RFC 6750, 3.1. */
interface Challenge {
  error: 'invalid_token' | 'insufficient_scope';
  description: string;
  scopes: readonly string[];
}

/** Where OpenAI's clients look for it, as they see no HTTP status of a tool. */
const CHALLENGE_KEY = 'mcp/www_authenticate';

/** What a model can do about it. What is not named here is told in the API's own words. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  USER_NOT_AUTHENTICATED: 'The learner has to sign in for this.',
  TOKEN_EXPIRED: 'The learner has to sign in again.',
  INVALID_TOKEN: 'The learner has to sign in again.',
  SUBSCRIPTION_REQUIRED: 'This needs another plan than the learner has. Go on with what is not locked for them.',
  ACCOUNT_DISABLED: "The learner's account is disabled, so nothing can be done for them here.",
  USER_NOT_FOUND: 'There is no such learner any more.',
  COURSE_NOT_FOUND: 'There is no such course. list_courses tells the ids of all courses.',
  CHAPTER_NOT_FOUND: "There is no such chapter in the course. get_course_outline tells the ids of a course's chapters.",
  SECTION_NOT_FOUND: 'The chapter has no such section. Leave section_id out to read it from its beginning.',
  QUIZ_NOT_FOUND: 'There is no such quiz. get_course_outline tells the quiz_ids of each chapter.',
  QUESTION_NOT_FOUND: 'The quiz has no such question. get_quiz tells the ids of its questions.',
  NO_NEXT_CHAPTER: 'That was the last chapter of the course.',
  SESSION_NOT_FOUND: 'There is no such mentor session any more. Leave session_id out to begin another one.',
  SESSION_ENDED: 'This mentor session has ended. Leave session_id out to begin another one.',
  CONFLICT: 'Something else happened at the same moment. Try again in a few seconds.',
  IDEMPOTENCY_CONFLICT: 'This submission_id stands for other answers. Send these with a new one.',
  URI_TOO_LONG: 'The arguments are too long.',
  RATE_LIMIT_EXCEEDED: 'This was asked too often.',
  QUIZ_SUBMISSION_LIMIT_EXCEEDED: 'The learner has submitted too many quizzes.',
  QUOTA_EXCEEDED: "This day's uses of the feature are spent.",
  LLM_BAD_ANSWER: 'No answer came about that can be used.',
  LLM_UNAVAILABLE: 'This feature cannot be used for now.',
  SERVICE_UNAVAILABLE: 'The service has no answer for now.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on the side of the service.',
};

/**
 * Tells a model why an operation refused, and a client how to sign the learner in where that would help.
 * @param granted what the app may do already; null where it has no scopes
 */
export function errorResult(error: AppError, publicUrl: string, granted: readonly Scope[] | null): ErrorResult {
  const challenge = challengeOf(error, granted);
  return {
    content: [{ type: 'text', text: inWords(error) }],
    isError: true,
    ...(challenge && { _meta: { [CHALLENGE_KEY]: [wwwAuthenticate(challenge, publicUrl)] } }),
  };
}

/** RFC 6750, 3, and RFC 9728, 5.1: how a client finds out where to sign in and what to ask for. */
export function wwwAuthenticate({ error, description, scopes }: Challenge, publicUrl: string): string {
  const metadata = `${publicUrl}/.well-known/oauth-protected-resource`;
  return `Bearer resource_metadata="${metadata}", scope="${scopes.join(' ')}", error="${error}", error_description="${description}"`;
}

/** Null where no sign-in would help. A client that asks for more keeps what it has. */
function challengeOf(error: AppError, granted: readonly Scope[] | null): Challenge | null {
  const description = inWords(error);
  if (error.scope) {
    return { error: 'insufficient_scope', description, scopes: [...new Set([...(granted ?? []), error.scope])] };
  }
  if (error.status !== 401) return null;
  // OpenAI's clients ask for a sign-in on this error where no token was sent.
  const isAnonymous = error.code === 'USER_NOT_AUTHENTICATED';
  return { error: isAnonymous ? 'insufficient_scope' : 'invalid_token', description, scopes: SCOPES };
}

function inWords(error: AppError): string {
  if (error.scope) return 'The learner has not allowed this yet and has to be asked for it.';
  if (error.errors) {
    const problems = error.errors.map(({ field, message }) => `${field} ${message}`);
    return `The arguments cannot be used: ${problems.join('; ')}.`;
  }
  const advice = ADVICE[error.code] ?? `${error.message}.`;
  if (error.retryAfter !== undefined) return `${advice} Try again in ${duration(error.retryAfter)}.`;
  return error.status >= 500 ? `${advice} Try again shortly.` : advice;
}

/** Rounded up, so that who waits as long does not come too early. */
function duration(seconds: number): string {
  const [count, unit] =
    seconds < 90 ? [seconds, 'second'] : seconds < 5400 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  const whole = Math.max(1, Math.ceil(count));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}
