import { AppError, type ErrorCode, unavailable, validationError } from '../common/errors.js';
import { errorResult } from './refusals.js';

const URL = 'https://learn.example.org';
const METADATA = `resource_metadata="${URL}/.well-known/oauth-protected-resource"`;

const textOf = (error: AppError) => errorResult(error, URL, null).content[0].text;
const challengeOf = (error: AppError, granted: ('learn:read' | 'learn:write')[] | null = null) =>
  errorResult(error, URL, granted)._meta?.['mcp/www_authenticate'];
const codes = (...all: ErrorCode[]) => all.map((code) => new AppError(code, "Chapter 'x' does not exist"));

it('tells what to do about an error, and repeats no id that it names', () => {
  const known = codes(
    'COURSE_NOT_FOUND',
    'CHAPTER_NOT_FOUND',
    'SECTION_NOT_FOUND',
    'QUIZ_NOT_FOUND',
    'QUESTION_NOT_FOUND',
  );
  const ended = codes(
    'NO_NEXT_CHAPTER',
    'SESSION_NOT_FOUND',
    'SESSION_ENDED',
    'USER_NOT_FOUND',
    'SUBSCRIPTION_REQUIRED',
  );
  for (const error of [...known, ...ended]) {
    expect(textOf(error)).not.toContain("'x'");
    expect(textOf(error)).toMatch(/^[A-Z].+\.$/);
    expect(challengeOf(error)).toBeUndefined();
  }
});

it('names every argument that breaks a rule', () => {
  const error = validationError([
    { field: 'limit', message: 'must be a whole number from 1 to 50' },
    { field: 'x', message: 'is not known here' },
  ]);
  expect(textOf(error)).toBe(
    'The arguments cannot be used: limit must be a whole number from 1 to 50; x is not known here.',
  );
});

it.each([
  [1, '1 second'],
  [89, '89 seconds'],
  [90, '2 minutes'],
  [3600, '60 minutes'],
  [5401, '2 hours'],
  [86_400, '24 hours'],
])('says after %d s that it is %s until it may be tried again', (retryAfter, words) => {
  const error = new AppError('RATE_LIMIT_EXCEEDED', 'You have asked too often', { retryAfter });
  expect(textOf(error)).toBe(`This was asked too often. Try again in ${words}.`);
});

it('asks for another try where the fault is on this side', () => {
  expect(textOf(unavailable('The database cannot be reached', 2))).toMatch(/Try again in 2 seconds\.$/);
  expect(textOf(new AppError('INTERNAL_SERVER_ERROR', 'x'))).toMatch(/Try again shortly\.$/);
  expect(textOf(new AppError('LLM_BAD_ANSWER', 'x'))).toMatch(/Try again shortly\.$/);
});

it('tells a client how to sign in who has not, who may not any more, and who may not enough', () => {
  const scopes = 'scope="learn:read learn:write"';
  expect(challengeOf(new AppError('USER_NOT_AUTHENTICATED', 'Sign in to use this'))).toEqual([
    `Bearer ${METADATA}, ${scopes}, error="insufficient_scope", error_description="The learner has to sign in for this."`,
  ]);
  expect(challengeOf(new AppError('TOKEN_EXPIRED', 'The access token has expired'))).toEqual([
    `Bearer ${METADATA}, ${scopes}, error="invalid_token", error_description="The learner has to sign in again."`,
  ]);
  const lacking = new AppError('INSUFFICIENT_PERMISSIONS', 'x', { scope: 'learn:write' });
  expect(challengeOf(lacking, ['learn:read'])).toEqual([
    `Bearer ${METADATA}, ${scopes}, error="insufficient_scope", error_description="The learner has not allowed this yet and has to be asked for it."`,
  ]);
  expect(challengeOf(new AppError('INSUFFICIENT_PERMISSIONS', 'This is not yours'))).toBeUndefined();
});
