import { existsSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Limit, LIMIT_NAMES, LIMITS, type LimitName } from '../limits/limits.js';
import { type DatabaseTarget, type Environment, limitVariable, SETTINGS, unknownLimits } from './environment.js';
import { storedSecretKey } from './secret-key.js';
import { llmProblems, type LlmSettings, llmSettings } from './llm-settings.js';
import { secretProblems } from './secret-strength.js';
import { readSettings } from './setting.js';

/** The application's settings, checked once at start. */
export class Config {
  private readonly limits: Readonly<Record<LimitName, Limit>>;

  private constructor(private readonly env: Environment) {
    const limits = LIMIT_NAMES.map((name) => [name, env[limitVariable(name)] ?? LIMITS[name]]);
    this.limits = Object.fromEntries(limits) as Record<LimitName, Limit>;
  }

  /**
   * Reads the settings from environment variables; an empty value counts as not set.
   * @throws {ConfigError} that names every variable which breaks its rule
   */
  static from(environment: NodeJS.ProcessEnv): Config {
    const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
    const { values, problems } = readSettings(SETTINGS, given);
    if (given.NODE_ENV === 'production') problems.push(...secretProblems(given.SECRET_KEY));
    problems.push(...llmProblems(given));
    problems.push(...workerProblems(values));
    problems.push(...unknownLimits(given).map((name) => `${name} is not the name of a limit`));
    if (!values || problems.length > 0) throw new ConfigError(problems);
    return new Config(values);
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

  /**
   * The origin by which clients reach this service; its own address on this machine unless PUBLIC_URL says otherwise.
   */
  get publicUrl(): string {
    return this.env.PUBLIC_URL ?? `http://127.0.0.1:${this.port}`;
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

  /** How long a connection may be idle before it is closed (PostgreSQL); 0 is without end. */
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

  /** What access tokens name as their issuer, and have to. */
  get jwtIssuer(): string {
    return this.env.JWT_ISSUER;
  }

  /** What access tokens name as their audience, and have to. */
  get jwtAudience(): string {
    return this.env.JWT_AUDIENCE;
  }

  /** How long an access token is good, also one of an app. */
  get accessTokenSeconds(): number {
    return this.env.ACCESS_TOKEN_EXPIRE_MINUTES * 60;
  }

  /** How long a session lives on after its last refresh. */
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

  /** Whether an app may register itself (RFC 7591). */
  get oauthDynamicRegistration(): boolean {
    return this.env.OAUTH_DYNAMIC_REGISTRATION;
  }

  /** Whose documents may describe an app by a URL of theirs. */
  get oauthClientHosts(): string[] {
    return this.env.OAUTH_CIMD_HOSTS;
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

  /** How often something may be asked, as RATE_LIMIT_ and its name say, else as it is built in. */
  limit(name: LimitName): Limit {
    return this.limits[name];
  }

  /** Which model answers the hybrid features, and what it may cost. */
  get llm(): LlmSettings {
    return llmSettings(this.env);
  }

  /** The folder that backups are made in. */
  get backupDir(): string {
    return resolve(this.env.BACKUP_DIR);
  }

  /** How many backups stay in the folder when a new one is made; 0 keeps all. */
  get backupKeep(): number {
    return this.env.BACKUP_KEEP;
  }

  /** When a serving process makes backups, in cron's form and in UTC; null where it makes none. */
  get backupSchedule(): string | null {
    return this.env.BACKUP_SCHEDULE ?? null;
  }

  /** Origins whose pages may call the API: any outside production, none in it, unless CORS_ORIGINS says otherwise. */
  get corsOrigins(): string[] {
    return this.env.CORS_ORIGINS ?? (this.isProduction ? [] : ['*']);
  }

  /** Whether the OpenAPI document and its pages are served. */
  get docsEnabled(): boolean {
    return this.env.DOCS_ENABLED;
  }

  get logLevel(): string {
    return this.env.LOG_LEVEL;
  }

  /** What a scrape of the metrics has to send as a bearer token; null where it needs none. */
  get metricsToken(): string | null {
    return this.env.METRICS_TOKEN ?? null;
  }

  /** Where spans are sent to; null where nobody collects them. */
  get tracing(): TracingSettings | null {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = this.env;
    if (endpoint === undefined) return null;
    return { endpoint, headers, serviceName: this.env.OTEL_SERVICE_NAME, ratio: this.env.OTEL_TRACES_SAMPLER_ARG };
  }

  /** How much public content one process keeps in memory; 0 is none. */
  get cacheMemoryBytes(): number {
    return this.env.CACHE_MEMORY_MB * 1024 * 1024;
  }

  /** How many processes serve on this machine. */
  get workers(): number {
    return this.env.WORKERS;
  }

  /** How many requests may be under way at once in one process. */
  get maxInFlight(): number {
    return this.env.MAX_IN_FLIGHT;
  }

  /** How long a request may have to wait for its turn before others are refused. */
  get maxEventLoopDelayMs(): number {
    return this.env.MAX_EVENT_LOOP_DELAY_MS;
  }

  /** How long the server goes on serving after SIGTERM while it already reports that it is not ready. */
  get shutdownDrainMs(): number {
    return this.env.SHUTDOWN_DRAIN_MS;
  }
}

/** Where spans go, and how many. */
export interface TracingSettings {
  /** An OTLP endpoint over HTTP, such as http://127.0.0.1:4318. */
  endpoint: string;
  headers: Record<string, string>;
  serviceName: string;
  /** The share of new traces that is recorded, 0–1; a caller's trace is recorded if the caller records it. */
  ratio: number;
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

/** Several processes count limits together and change one database, which SQLite and each one's memory cannot do. */
function workerProblems(env: Environment | null): string[] {
  if (!env || env.WORKERS === 1) return [];
  const missing = [
    env.DATABASE_URL.kind !== 'postgres' && 'a PostgreSQL DATABASE_URL',
    env.REDIS_URL === undefined && 'REDIS_URL',
  ].filter(Boolean);
  return missing.length > 0 ? [`WORKERS above 1 needs ${missing.join(' and ')}`] : [];
}
