/** How often something may be asked for. */
export interface Limit {
  /** Requests per window. */
  points: number;
  /** The length of the window, which begins with the first request that is counted. */
  seconds: number;
}

export interface LimitRule extends Limit {
  /**
   * Whose requests are counted together: the `caller` is the user where a valid token was sent, else the address; the
   * `address` is that of the client, signed in or not; an `account` is one that somebody tries to sign in to.
   */
  per: 'caller' | 'address' | 'account';
  /** Whether a request that is answered with an error is refunded. */
  refundsFailures: boolean;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const per = (points: number, seconds: number, rule: Partial<LimitRule> = {}): LimitRule => ({
  points,
  seconds,
  per: 'caller',
  refundsFailures: false,
  ...rule,
});

/** Every limit there is, by its name. `RATE_LIMIT_<NAME>` overrides how often and in which time. */
export const LIMITS = {
  FLOOD: per(1000, MINUTE, { per: 'address' }),
  COURSES_READ: per(100, MINUTE),
  CHAPTERS_READ: per(100, MINUTE),
  QUIZZES_READ: per(50, MINUTE),
  QUIZZES_SUBMIT: per(10, HOUR, { refundsFailures: true }),
  QUIZZES_ATTEMPTS: per(20, MINUTE),
  QUIZZES_LIST: per(50, MINUTE),
  PROGRESS_COMPLETE: per(100, DAY, { refundsFailures: true }),
  PROGRESS_READ: per(200, MINUTE),
  PROGRESS_LIST: per(100, MINUTE),
  STREAK_RESET: per(1, DAY, { refundsFailures: true }),
  SEARCH: per(50, MINUTE),
  HYBRID_USAGE: per(10, MINUTE),
  HYBRID_CALLS: per(20, HOUR),
  QUOTA_ADAPTIVE_LEARNING: per(5, DAY),
  QUOTA_LLM_ASSESSMENT: per(10, DAY),
  QUOTA_SYNTHESIS: per(3, DAY),
  QUOTA_MENTOR_SESSION: per(2, DAY),
  AUTH_REGISTER: per(10, HOUR),
  AUTH_LOGIN: per(10, MINUTE, { per: 'address' }),
  AUTH_LOGIN_ACCOUNT: per(10, 15 * MINUTE, { per: 'account' }),
  AUTH_LOGIN_ACCOUNT_TOTAL: per(100, HOUR, { per: 'account' }),
  AUTH_REFRESH: per(60, MINUTE),
  AUTH_LOGOUT: per(60, MINUTE),
  AUTH_ME: per(100, MINUTE),
  AUTH_PASSWORD: per(10, HOUR),
  AUTH_EXPORT: per(5, DAY),
  AUTH_DELETE: per(5, DAY),
  OAUTH_AUTHORIZE: per(60, MINUTE, { per: 'address' }),
  OAUTH_TOKEN: per(300, MINUTE, { per: 'address' }),
  OAUTH_REGISTER: per(10, HOUR, { per: 'address' }),
  SUBSCRIPTIONS: per(100, MINUTE),
} satisfies Record<string, LimitRule>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

const UNITS: Record<string, number> = { second: 1, minute: MINUTE, min: MINUTE, hour: HOUR, day: DAY };
const MAX_POINTS = 1_000_000_000;
const MAX_SECONDS = 24 * DAY;

/** Reads a limit such as `20/hour` or `10/15min`; null if it is none. */
export function readLimit(text: string): Limit | null {
  const [, points, count = '1', unit] = /^(\d{1,10}) ?\/ ?(\d{1,7})? ?([a-z]+?)s?$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (!(seconds >= 1 && seconds <= MAX_SECONDS && Number(points) >= 1 && Number(points) <= MAX_POINTS)) return null;
  return { points: Number(points), seconds };
}

/** A limit in the form in which it is configured. */
export function writeLimit({ points, seconds }: Limit): string {
  const [unit, length] = Object.entries({ day: DAY, hour: HOUR, minute: MINUTE, second: 1 }).find(
    ([, unitSeconds]) => seconds % unitSeconds === 0,
  ) ?? ['second', 1];
  const count = seconds / length;
  return `${points}/${count === 1 ? unit : `${count}${unit}s`}`;
}
