import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions } from 'fastify';
import type { Response } from 'light-my-request';
import { createApp } from '../src/app.js';
import { Config } from '../src/config/config.js';
import { writingDataSource } from '../src/database/data-source.js';
import { migrate } from '../src/database/migrate.js';
import { hearAnswers } from './heard-answers.js';
import { failOn, violationsOf, violationsOfError } from './contract.js';
import { Make } from './make.js';
import { AccessTokens } from '../src/auth/access-tokens.js';
import { LIMIT_NAMES } from '../src/limits/limits.js';
import type { User } from '../src/users/user.entity.js';
import { DATABASE_PREFIX, KEY_PREFIX, onPostgres, postgresUrl, REDIS_URL } from './services.js';

export type DatabaseKind = 'sqlite' | 'postgres';

export const DATABASE_KINDS = (process.env.TEST_DATABASES ?? 'sqlite').split(',') as DatabaseKind[];

/** Declares tests once and runs them on every database that is there. */
export function onEachDatabase(tests: (kind: DatabaseKind) => void): void {
  describe.each(DATABASE_KINDS)('on %s', tests);
}

const STORES = (process.env.TEST_STORES ?? 'memory').split(',');

export const HAS_REDIS = STORES.includes('redis');

/** Settings with which limits are counted in Redis, apart from everyone else's. */
export function redisSettings(): NodeJS.ProcessEnv {
  return { REDIS_URL, REDIS_PREFIX: `${KEY_PREFIX}${process.env.TEST_RUN}:${randomUUID()}:` };
}

/** Limits that no test meets by chance. */
export const NO_LIMITS = Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '1000000/minute']));

export interface TestDatabase {
  kind: DatabaseKind;
  url: string;
  drop(): Promise<void>;
}

export const TEST_SECRET_KEY = 'Test-9s3LqWk3v_2fHx7PzR0tYbNcUe5gMi';

/** An empty database of its own. */
export async function testDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'course-companion-'));
    return { kind, url: `sqlite:${join(folder, 'test.db')}`, drop: () => rm(folder, { recursive: true }) };
  }
  const name = `${DATABASE_PREFIX}${process.env.TEST_RUN}_${randomUUID().slice(0, 8)}`;
  await onPostgres((client) => client.query(`CREATE DATABASE "${name}"`));
  return {
    kind,
    url: postgresUrl(name),
    drop: () => onPostgres(async (client) => void (await client.query(`DROP DATABASE "${name}" WITH (FORCE)`))),
  };
}

export function testConfig(database: TestDatabase, settings: NodeJS.ProcessEnv = {}): Config {
  return Config.from({
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    DATABASE_URL: database.url,
    SHUTDOWN_DRAIN_MS: '0',
    SECRET_KEY: TEST_SECRET_KEY,
    BCRYPT_COST: '4',
    // No test is an overload by chance.
    MAX_IN_FLIGHT: '100000',
    MAX_EVENT_LOOP_DELAY_MS: '60000',
    DATABASE_ACQUIRE_TIMEOUT_MS: '30000',
    ...NO_LIMITS,
    // As in production, PostgreSQL and Redis go together.
    ...(database.kind === 'postgres' && HAS_REDIS && redisSettings()),
    ...settings,
  });
}

export async function migrated(kind: DatabaseKind): Promise<TestDatabase> {
  const database = await testDatabase(kind);
  const dataSource = await writingDataSource(testConfig(database)).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
  return database;
}

const broken: string[] = [];

/** What broke the contract since this was asked last. */
export function takeViolations(): string[] {
  return broken.splice(0);
}

// For whatever file uses the application: the test in which an answer broke the contract fails.
afterEach(() => failOn(takeViolations()));
afterAll(() => failOn(takeViolations()));

/**
 * The application as the server runs it, with every answer held against the contract.
 * @param controllers of the test's own; they are in no document, and fail as they like
 */
export async function createCheckedApp(config: Config, controllers: Type[] = []): Promise<NestFastifyApplication> {
  class TestControllers {}
  const app = await createApp(config, [{ module: TestControllers, controllers }]);
  const own = controllers.map((controller) => `/api/v1/${String(Reflect.getMetadata('path', controller))}`);
  hearAnswers(app, (exchange) => {
    const isOwn = own.some((path) => exchange.url.startsWith(path));
    broken.push(...(isOwn ? violationsOfError(exchange) : violationsOf(exchange)));
  });
  return app;
}

export interface TestOptions {
  settings?: NodeJS.ProcessEnv;
  /** Controllers of the test's own, mounted beside the application's. */
  controllers?: Type[];
}

/** The real application on a migrated database of its own, asked without a socket. */
export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: TestDatabase,
    readonly make: Make,
  ) {}

  static async start(kind: DatabaseKind, { settings, controllers }: TestOptions = {}): Promise<TestApp> {
    return TestApp.on(await migrated(kind), { settings, controllers });
  }

  /** The application on a database that is there already and stays when it is closed. */
  static async on(database: TestDatabase, { settings, controllers }: TestOptions = {}): Promise<TestApp> {
    const app = await createCheckedApp(testConfig(database, settings), controllers);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new TestApp(app, database, new Make(app));
  }

  /** Asks as nobody. */
  get anonymous(): Client {
    return new Client(this, {});
  }

  /** Asks as this user, signed in. */
  as(user: Pick<User, 'id' | 'tokenVersion'>): Client {
    return new Client(this, { authorization: this.tokenOf(user) });
  }

  /** What this user sends as `Authorization`. */
  tokenOf(user: Pick<User, 'id' | 'tokenVersion'>): string {
    return `Bearer ${this.app.get(AccessTokens).sign(user)}`;
  }

  /** Asks with this access token. */
  with(token: string): Client {
    return new Client(this, { authorization: `Bearer ${token}` });
  }

  /** Asks a path of the API; one that begins with `/` is asked as it is. */
  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send({ method: 'GET', url: path.startsWith('/') ? path : `/api/v1/${path}`, headers });
  }

  send(request: InjectOptions): Promise<Response> {
    return this.app.inject(request);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.drop();
  }
}

/** Asks paths of the API with the same headers every time. */
export class Client {
  constructor(
    private readonly test: TestApp,
    private readonly headers: Record<string, string>,
  ) {}

  get(path: string): Promise<Response> {
    return this.send('GET', path);
  }

  post(path: string, body?: object): Promise<Response> {
    return this.send('POST', path, body);
  }

  put(path: string, body?: object): Promise<Response> {
    return this.send('PUT', path, body);
  }

  patch(path: string, body?: object): Promise<Response> {
    return this.send('PATCH', path, body);
  }

  delete(path: string, body?: object): Promise<Response> {
    return this.send('DELETE', path, body);
  }

  /** The same with one more header, such as the address that a proxy tells. */
  header(name: string, value: string): Client {
    return new Client(this.test, { ...this.headers, [name]: value });
  }

  private send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<Response> {
    return this.test.send({ method, url: `/api/v1/${path}`, headers: this.headers, payload });
  }
}
