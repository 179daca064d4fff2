import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { nextRun } from '../common/cron.js';
import { LIMIT_NAMES, type LimitName, readLimit } from '../limits/limits.js';
import { flag, listOf, matching, number, oneOf, Setting, text, type ValuesOf, wholeNumber } from './setting.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const logLevel = Setting.of(`must be one of ${LOG_LEVELS.join(', ')}`, (given) => {
  const level = given.toLowerCase().replace(/^warning$/, 'warn');
  return LOG_LEVELS.includes(level) ? level : null;
});

const origins = listOf(
  'must be a comma-separated list of origins such as https://chatgpt.com, or *',
  (item) => item === '*' || (isOrigin(item) && !item.includes('*')),
);

const HOST_NAME = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$/;

const hosts = listOf('must be a comma-separated list of hosts such as chatgpt.com', (item) =>
  HOST_NAME.test(item.replace(/:\d{1,5}$/, '')),
);

const host = matching(
  'must be an address or the name of a host',
  (given) => isIP(given) !== 0 || (HOST_NAME.test(given.toLowerCase()) && !/(^|\.)\d+$/.test(given)),
);

const networks = listOf('must be a comma-separated list of addresses or CIDR blocks such as 10.0.0.0/8', isNetwork);

/** The first signs, all verify. */
const keys = listOf('must be a comma-separated list of keys', () => true);

const redisUrl = matching(
  'must be redis://HOST:PORT or rediss://HOST:PORT',
  (given) => /^rediss?:\/\//.test(given) && URL.canParse(given),
);

/** Requests cannot be sent to one with a user name or password in it. */
const httpUrl = matching('must be an http or https URL, without a user name or password', (given) => {
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) return false;
  const { username, password } = new URL(given);
  return username === '' && password === '';
});

/** ChatGPT and browsers send tokens and passwords to it, so it is https unless nobody but this machine can reach it. */
const publicUrl = matching(
  'must be an https origin such as https://learn.example.org, without a path',
  (given) => isOrigin(given) && (given.startsWith('https://') || isLoopback(given)),
);

const databaseUrl = Setting.of('must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME', readDatabaseUrl);

const amount = number('must be an amount of US dollars such as 12.50', (given) => /^\d{1,7}(\.\d{1,6})?$/.test(given));

const share = number('must be a share from 0 to 1 such as 0.1', (given) => /^(0(\.\d{1,6})?|1(\.0+)?)$/.test(given));

const headerList = Setting.of('must be NAME=VALUE, comma-separated', (given) =>
  /^[\w-]+=[^,%]*(,\s*[\w-]+=[^,%]*)*$/.test(given)
    ? (Object.fromEntries(given.split(',').map((item) => item.trim().split(/=(.*)/s, 2))) as Record<string, string>)
    : null,
);

const schedule = matching(
  "must be cron's five fields, or six with seconds first, such as 15 3 * * *",
  (given) => nextRun(given, new Date()) !== null,
);

const limit = Setting.of('must be a number and a time such as 20/hour or 10/15minutes', readLimit);

export const limitVariable = (name: LimitName) => `RATE_LIMIT_${name}` as const;

const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [limitVariable(name), limit])) as Record<
  ReturnType<typeof limitVariable>,
  typeof limit
>;

/** `none` switches what calls a model off; `offline` answers by rule, without one. */
export const LLM_PROVIDERS = ['none', 'offline', 'anthropic', 'openai'] as const;

/** Every environment variable that the application reads, with its rule. `.env.example` describes each. */
export const SETTINGS = {
  NODE_ENV: text.default('development'),
  HOST: host,
  PORT: wholeNumber(0, 65_535).default(8000),
  PUBLIC_URL: publicUrl,
  DATABASE_URL: databaseUrl.default({ kind: 'sqlite', path: resolve('data/course-companion.db') }),
  DATABASE_POOL_MAX: wholeNumber(2, 1000).default(10),
  DATABASE_ACQUIRE_TIMEOUT_MS: wholeNumber(1, 600_000).default(5000),
  DATABASE_IDLE_TIMEOUT_MS: wholeNumber(0, 86_400_000).default(30_000),
  DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber(0, 600_000).default(15_000),
  SECRET_KEY: keys,
  ALGORITHM: oneOf('must be HS256, HS384 or HS512', ['HS256', 'HS384', 'HS512']).default('HS256'),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 1440).default(30),
  REFRESH_TOKEN_EXPIRE_DAYS: wholeNumber(1, 365).default(7),
  JWT_ISSUER: text.default('course-companion'),
  JWT_AUDIENCE: text.default('course-companion-api'),
  BCRYPT_COST: wholeNumber(4, 16).default(12),
  PASSWORD_HASH_CONCURRENCY: wholeNumber(1, 64),
  OAUTH_DYNAMIC_REGISTRATION: flag.default(false),
  OAUTH_CIMD_HOSTS: hosts.default(['chatgpt.com']),
  REDIS_URL: redisUrl,
  REDIS_PREFIX: text.default('course-companion:'),
  TRUSTED_PROXIES: networks.default([]),
  SHARED_EGRESS: networks.default([]),
  ...limits,
  LLM_PROVIDER: oneOf(`must be one of ${LLM_PROVIDERS.join(', ')}`, LLM_PROVIDERS),
  LLM_MODEL: text,
  LLM_BASE_URL: httpUrl,
  LLM_API_KEY: text,
  ANTHROPIC_API_KEY: text,
  OPENAI_API_KEY: text,
  LLM_PRICE_INPUT_PER_MTOK: amount.default(3),
  LLM_PRICE_OUTPUT_PER_MTOK: amount.default(15),
  LLM_DAILY_BUDGET_USD: amount,
  LLM_ATTEMPT_TIMEOUT_MS: wholeNumber(100, 35_000).default(15_000),
  LLM_MAX_RETRIES: wholeNumber(0, 5).default(2),
  BACKUP_DIR: text.default('./backups'),
  BACKUP_KEEP: wholeNumber(0, 100_000).default(14),
  BACKUP_SCHEDULE: schedule,
  CORS_ORIGINS: origins,
  DOCS_ENABLED: flag.default(true),
  LOG_LEVEL: logLevel.default('info'),
  METRICS_TOKEN: matching('must be 16 or more characters of ASCII, without a space', (given) =>
    /^[!-~]{16,}$/.test(given),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
  OTEL_EXPORTER_OTLP_HEADERS: headerList.default({}),
  OTEL_SERVICE_NAME: text.default('course-companion'),
  OTEL_TRACES_SAMPLER_ARG: share.default(1),
  CACHE_MEMORY_MB: wholeNumber(0, 4096).default(64),
  WORKERS: wholeNumber(1, 128).default(1),
  MAX_IN_FLIGHT: wholeNumber(1, 100_000).default(200),
  MAX_EVENT_LOOP_DELAY_MS: wholeNumber(10, 60_000).default(1000),
  SHUTDOWN_DRAIN_MS: wholeNumber(0, 8000).default(1000),
};

/** The settings as they are read. */
export type Environment = ValuesOf<typeof SETTINGS>;

export type DatabaseTarget = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };

function readDatabaseUrl(text: string): DatabaseTarget | null {
  if (/^postgres(ql)?:\/\//.test(text)) return URL.canParse(text) ? { kind: 'postgres', url: text } : null;
  const path = /^sqlite:(?:\/\/\/)?(.+)$/.exec(text)?.[1];
  if (!path || path.startsWith('//') || path === ':memory:') return null;
  return { kind: 'sqlite', path: resolve(path) };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isLoopback(origin: string): boolean {
  return /^http:\/\/(127\.\d+\.\d+\.\d+|\[::1\]|localhost)(:\d+)?$/.test(origin);
}

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most));
}

/** Variables that look like a limit's and are none. */
export function unknownLimits(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>(LIMIT_NAMES.map(limitVariable));
  return Object.keys(environment).filter((name) => name.startsWith('RATE_LIMIT_') && !known.has(name));
}
