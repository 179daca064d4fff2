import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { nextTick } from '../backup/ticks.js';
import { LIMIT_NAMES, type LimitName, readLimit } from '../limits/limits.js';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');

const commaSeparated = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const logLevel = z
  .string()
  .transform((text) => (text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()))
  .pipe(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    }),
  );

const origins = commaSeparated.refine((items) => items.every((item) => item === '*' || isOrigin(item)), {
  error: 'must be a comma-separated list of origins such as https://chatgpt.com, or *',
});

const hosts = commaSeparated.refine((items) => items.every((item) => /^[a-z0-9.-]+(:\d{1,5})?$/.test(item)), {
  error: 'must be a comma-separated list of hosts such as chatgpt.com',
});

const networks = commaSeparated.refine((items) => items.every(isNetwork), {
  error: 'must be a comma-separated list of addresses or CIDR blocks such as 10.0.0.0/8',
});

const redisUrl = z.string().refine((text) => /^rediss?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be redis://HOST:PORT or rediss://HOST:PORT',
});

const limit = z.string().transform((text, context) => {
  const read = readLimit(text);
  if (read) return read;
  context.addIssue({ code: 'custom', message: 'must be a number and a time such as 20/hour or 10/15minutes' });
  return z.NEVER;
});

export const limitVariable = (name: LimitName) => `RATE_LIMIT_${name}` as const;

const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [limitVariable(name), limit.optional()])) as Record<
  ReturnType<typeof limitVariable>,
  z.ZodOptional<typeof limit>
>;

const amount = z
  .string()
  .refine((text) => /^\d{1,7}(\.\d{1,6})?$/.test(text), { error: 'must be an amount of US dollars such as 12.50' })
  .transform(Number);

const httpUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be an http or https URL',
});

/** ChatGPT and browsers send tokens and passwords to it, so it is https unless nobody but this machine can reach it. */
const publicUrl = z.string().refine((text) => isOrigin(text) && (text.startsWith('https://') || isLoopback(text)), {
  error: 'must be an https origin such as https://learn.example.org, without a path',
});

const share = z
  .string()
  .refine((text) => /^(0(\.\d{1,6})?|1(\.0+)?)$/.test(text), { error: 'must be a share from 0 to 1 such as 0.1' })
  .transform(Number);

const headerList = z
  .string()
  .refine((text) => /^[\w-]+=[^,%]*(,\s*[\w-]+=[^,%]*)*$/.test(text), { error: 'must be NAME=VALUE, comma-separated' })
  .transform(
    (text) =>
      Object.fromEntries(text.split(',').map((item) => item.trim().split(/=(.*)/s, 2))) as Record<string, string>,
  );

const databaseUrl = z.string().transform((text, context) => {
  const target = readDatabaseUrl(text);
  if (target) return target;
  context.addIssue({ code: 'custom', message: 'must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME' });
  return z.NEVER;
});

const schedule = z.string().refine((text) => nextTick(text, new Date()) !== null, {
  error: "must be cron's five fields, or six with seconds first, such as 15 3 * * *",
});

/** `none` switches what calls a model off; `offline` answers by rule, without one. */
export const LLM_PROVIDERS = ['none', 'offline', 'anthropic', 'openai'] as const;

/** Every environment variable that the application reads, with its rule. `.env.example` describes each. */
export const environmentSchema = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().optional(),
  PORT: wholeNumber(0, 65_535).default(8000),
  PUBLIC_URL: publicUrl.optional(),
  DATABASE_URL: databaseUrl.default({ kind: 'sqlite', path: resolve('data/course-companion.db') }),
  DATABASE_POOL_MAX: wholeNumber(2, 1000).default(10),
  DATABASE_ACQUIRE_TIMEOUT_MS: wholeNumber(1, 600_000).default(5000),
  DATABASE_IDLE_TIMEOUT_MS: wholeNumber(0, 86_400_000).default(30_000),
  DATABASE_STATEMENT_TIMEOUT_MS: wholeNumber(0, 600_000).default(15_000),
  SECRET_KEY: commaSeparated.optional(),
  ALGORITHM: z.enum(['HS256', 'HS384', 'HS512'], { error: 'must be HS256, HS384 or HS512' }).default('HS256'),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 1440).default(30),
  REFRESH_TOKEN_EXPIRE_DAYS: wholeNumber(1, 365).default(7),
  JWT_ISSUER: z.string().default('course-companion'),
  JWT_AUDIENCE: z.string().default('course-companion-api'),
  BCRYPT_COST: wholeNumber(4, 16).default(12),
  PASSWORD_HASH_CONCURRENCY: wholeNumber(1, 64).optional(),
  OAUTH_DYNAMIC_REGISTRATION: flag.default(false),
  OAUTH_CIMD_HOSTS: hosts.default(['chatgpt.com']),
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: z.string().default('course-companion:'),
  TRUSTED_PROXIES: networks.default([]),
  SHARED_EGRESS: networks.default([]),
  ...limits,
  LLM_PROVIDER: z.enum(LLM_PROVIDERS, { error: `must be one of ${LLM_PROVIDERS.join(', ')}` }).optional(),
  LLM_MODEL: z.string().optional(),
  LLM_BASE_URL: httpUrl.optional(),
  LLM_API_KEY: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  LLM_PRICE_INPUT_PER_MTOK: amount.default(3),
  LLM_PRICE_OUTPUT_PER_MTOK: amount.default(15),
  LLM_DAILY_BUDGET_USD: amount.optional(),
  LLM_ATTEMPT_TIMEOUT_MS: wholeNumber(100, 35_000).default(15_000),
  LLM_MAX_RETRIES: wholeNumber(0, 5).default(2),
  BACKUP_DIR: z.string().default('./backups'),
  BACKUP_KEEP: wholeNumber(0, 100_000).default(14),
  BACKUP_SCHEDULE: schedule.optional(),
  CORS_ORIGINS: origins.optional(),
  DOCS_ENABLED: flag.default(true),
  LOG_LEVEL: logLevel.default('info'),
  METRICS_TOKEN: z.string().min(16, { error: 'must be 16 characters or more' }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.default({}),
  OTEL_SERVICE_NAME: z.string().default('course-companion'),
  OTEL_TRACES_SAMPLER_ARG: share.default(1),
  CACHE_MEMORY_MB: wholeNumber(0, 4096).default(64),
  WORKERS: wholeNumber(1, 128).default(1),
  MAX_IN_FLIGHT: wholeNumber(1, 100_000).default(200),
  MAX_EVENT_LOOP_DELAY_MS: wholeNumber(10, 60_000).default(1000),
  SHUTDOWN_DRAIN_MS: wholeNumber(0, 8000).default(1000),
});

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
