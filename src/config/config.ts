import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

const WELL_KNOWN_SECRETS =
  /^(your-)?(secret|changeme|change-me|default|password|test|dev)([-_]?(secret|key|here|me))*$/i;
const MIN_SECRET_BYTES = 32;

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

/** Reads `.env`, if there is one, and the process's environment, which wins. */
export function loadConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return Config.from(process.env);
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

function secretProblems(value: string | undefined): string[] {
  const keys = (value ?? '').split(',').map((key) => key.trim());
  if (keys.every((key) => key === '')) return ['SECRET_KEY must be set in production'];
  if (keys.some((key) => WELL_KNOWN_SECRETS.test(key))) return ['SECRET_KEY must not be a well-known value'];
  return keys.some((key) => Buffer.byteLength(key) < MIN_SECRET_BYTES || new Set(key).size < 8)
    ? [`SECRET_KEY must hold at least ${MIN_SECRET_BYTES} bytes that cannot be guessed, in each of its keys`]
    : [];
}
