import { existsSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Limit, LIMIT_NAMES, LIMITS, type LimitName, readLimit } from '../limits/limits.js';
import { storedSecretKey } from './secret-key.js';

/** Words of examples, and the key of FastAPI's tutorial on OAuth2 with JWT. */
const WELL_KNOWN_SECRETS =
  /^(secret|default|password|test|dev)([-_]?(secret|key|here|me))*$|(change|replace).?(me|this|it|with|in.?prod)|your.?(super.?)?secret|secret.?key|placeholder|^09d25e094faa6ca2556c818166b7a956/i;
const MIN_SECRET_BYTES = 32;
/** No key repeats itself sooner. */
const MIN_SECRET_PERIOD = 24;

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

const limitVariable = (name: LimitName) => `RATE_LIMIT_${name}` as const;

const limits = Object.fromEntries(LIMIT_NAMES.map((name) => [limitVariable(name), limit.optional()])) as Record<
  ReturnType<typeof limitVariable>,
  z.ZodOptional<typeof limit>
>;

const databaseUrl = z.string().transform((text, context) => {
  const target = readDatabaseUrl(text);
  if (target) return target;
  context.addIssue({ code: 'custom', message: 'must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME' });
  return z.NEVER;
});

/** Every environment variable that the application reads, with its rule. `.env.example` describes each. */
export const environmentSchema = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().optional(),
  PORT: wholeNumber(0, 65_535).default(8000),
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
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: z.string().default('course-companion:'),
  TRUSTED_PROXIES: networks.default([]),
  SHARED_EGRESS: networks.default([]),
  ...limits,
  CORS_ORIGINS: origins.optional(),
  DOCS_ENABLED: flag.default(true),
  LOG_LEVEL: logLevel.default('info'),
  SHUTDOWN_DRAIN_MS: wholeNumber(0, 8000).default(1000),
});

export type DatabaseTarget = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };

/** The application's settings, checked once at start. */
export class Config {
  private constructor(private readonly env: z.output<typeof environmentSchema>) {}

  /**
   * Reads the settings from environment variables; an empty value counts as not set.
   * @throws {ConfigError} that names every variable which breaks its rule
   */
  static from(environment: NodeJS.ProcessEnv): Config {
    const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
    const parsed = environmentSchema.safeParse(given);
    const problems = parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? [];
    if (given.NODE_ENV === 'production') problems.push(...secretProblems(given.SECRET_KEY));
    problems.push(...unknownLimits(given).map((name) => `${name} is not the name of a limit`));
    if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
    return new Config(parsed.data);
  }

  get isProduction(): boolean {
    return this.env.NODE_ENV === 'production';
  }

  /** The address to listen on: all interfaces in production, loopback elsewhere, unless HOST says otherwise. */
  get host(): string {
    return this.env.HOST ?? (this.isProduction ? '0.0.0.0' : '127.0.0.1');
  }

  get port(): number {
    return this.env.PORT;
  }

  get database(): DatabaseTarget {
    return this.env.DATABASE_URL;
  }

  /** Connections that one process may hold (PostgreSQL). */
  get databasePoolMax(): number {
    return this.env.DATABASE_POOL_MAX;
  }

  /** How long a request waits for a connection, or for the SQLite write lock, before it gets a 503. */
  get databaseAcquireTimeoutMs(): number {
    return this.env.DATABASE_ACQUIRE_TIMEOUT_MS;
  }

  get databaseIdleTimeoutMs(): number {
    return this.env.DATABASE_IDLE_TIMEOUT_MS;
  }

  /** The longest that one PostgreSQL statement may run; 0 is without end. */
  get databaseStatementTimeoutMs(): number {
    return this.env.DATABASE_STATEMENT_TIMEOUT_MS;
  }

  /** The keys of tokens: the first signs, all verify. */
  get secretKeys(): [string, ...string[]] {
    const [first, ...others] = this.env.SECRET_KEY ?? [];
    if (first === undefined) throw new ConfigError(['SECRET_KEY must be set']);
    return [first, ...others];
  }

  /** Signs and verifies access tokens; no other algorithm is accepted. */
  get jwtAlgorithm(): 'HS256' | 'HS384' | 'HS512' {
    return this.env.ALGORITHM;
  }

  get jwtIssuer(): string {
    return this.env.JWT_ISSUER;
  }

  get jwtAudience(): string {
    return this.env.JWT_AUDIENCE;
  }

  get accessTokenSeconds(): number {
    return this.env.ACCESS_TOKEN_EXPIRE_MINUTES * 60;
  }

  get refreshTokenSeconds(): number {
    return this.env.REFRESH_TOKEN_EXPIRE_DAYS * 86_400;
  }

  /** The binary logarithm of bcrypt's rounds. */
  get bcryptCost(): number {
    return this.env.BCRYPT_COST;
  }

  /** How many passwords are hashed at once: half of the processors unless PASSWORD_HASH_CONCURRENCY says otherwise. */
  get passwordHashConcurrency(): number {
    return this.env.PASSWORD_HASH_CONCURRENCY ?? Math.max(1, Math.floor(availableParallelism() / 2));
  }

  /** Null where everything is counted and kept in this process. */
  get redisUrl(): string | null {
    return this.env.REDIS_URL ?? null;
  }

  /** What every key in Redis begins with. */
  get redisPrefix(): string {
    return this.env.REDIS_PREFIX;
  }

  /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. */
  get trustedProxies(): string[] {
    return this.env.TRUSTED_PROXIES;
  }

  /** Addresses that many learners share, such as those that ChatGPT calls from; null if there are none. */
  get sharedEgress(): BlockList | null {
    if (this.env.SHARED_EGRESS.length === 0) return null;
    const list = new BlockList();
    for (const [address, bits] of this.env.SHARED_EGRESS.map((network) => network.split('/'))) {
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
    return list;
  }

  limit(name: LimitName): Limit {
    return this.env[limitVariable(name)] ?? LIMITS[name];
  }

  /** Origins whose pages may call the API: any outside production, none in it, unless CORS_ORIGINS says otherwise. */
  get corsOrigins(): string[] {
    return this.env.CORS_ORIGINS ?? (this.isProduction ? [] : ['*']);
  }

  get docsEnabled(): boolean {
    return this.env.DOCS_ENABLED;
  }

  get logLevel(): string {
    return this.env.LOG_LEVEL;
  }

  /** How long the server goes on serving after SIGTERM while it already reports that it is not ready. */
  get shutdownDrainMs(): number {
    return this.env.SHUTDOWN_DRAIN_MS;
  }
}

/** The settings cannot be used; the message has one line for each problem. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads `.env`, if there is one, and the process's environment, which wins. Outside production a missing SECRET_KEY is
 * made and kept.
 */
export function loadConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { NODE_ENV, SECRET_KEY } = process.env;
  if (NODE_ENV === 'production' || SECRET_KEY) return Config.from(process.env);
  try {
    return Config.from({ ...process.env, SECRET_KEY: storedSecretKey() });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`SECRET_KEY must be set, as none can be kept here: ${(error as Error).message}`]);
  }
}

function readDatabaseUrl(text: string): DatabaseTarget | null {
  if (/^postgres(ql)?:\/\//.test(text)) return URL.canParse(text) ? { kind: 'postgres', url: text } : null;
  const path = /^sqlite:(?:\/\/\/)?(.+)$/.exec(text)?.[1];
  if (!path || path.startsWith('//') || path === ':memory:') return null;
  return { kind: 'sqlite', path: resolve(path) };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && most > 0 && (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most));
}

function unknownLimits(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>(LIMIT_NAMES.map(limitVariable));
  return Object.keys(environment).filter((name) => name.startsWith('RATE_LIMIT_') && !known.has(name));
}

function isGuessable(key: string): boolean {
  return (
    Buffer.byteLength(key) < MIN_SECRET_BYTES ||
    new Set(key).size < 8 ||
    periodOf(key) < MIN_SECRET_PERIOD ||
    isSequence(key)
  );
}

/** Whether most of its characters follow one another, as in "abcdef". */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  return codes.filter((code, index) => code === codes[index - 1] + 1).length > text.length / 2;
}

/** After how many characters a text repeats itself. */
function periodOf(text: string): number {
  let period = 1;
  while (!text.startsWith(text.slice(period))) period++;
  return period;
}

function secretProblems(value: string | undefined): string[] {
  const keys = (value ?? '').split(',').map((key) => key.trim());
  if (keys.every((key) => key === '')) return ['SECRET_KEY must be set in production'];
  if (keys.some((key) => WELL_KNOWN_SECRETS.test(key))) return ['SECRET_KEY must not be a well-known value'];
  return keys.some((key) => isGuessable(key))
    ? [`SECRET_KEY must hold at least ${MIN_SECRET_BYTES} bytes that cannot be guessed, in each of its keys`]
    : [];
}
