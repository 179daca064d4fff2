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
import { Make } from './make.js';
import { DATABASE_PREFIX, onPostgres, postgresUrl } from './services.js';

export type DatabaseKind = 'sqlite' | 'postgres';

export const DATABASE_KINDS = (process.env.TEST_DATABASES ?? 'sqlite').split(',') as DatabaseKind[];

/** Declares tests once and runs them on every database that is there. */
export function onEachDatabase(tests: (kind: DatabaseKind) => void): void {
  describe.each(DATABASE_KINDS)('on %s', tests);
}

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

let databases = 0;

/** An empty database of its own. */
export async function testDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'course-companion-'));
    return { url: `sqlite:${join(folder, 'test.db')}`, drop: () => rm(folder, { recursive: true }) };
  }
  const name = `${DATABASE_PREFIX}${process.env.TEST_RUN}_${process.pid}_${++databases}`;
  await onPostgres((client) => client.query(`CREATE DATABASE "${name}"`));
  return {
    url: postgresUrl(name),
    drop: () => onPostgres(async (client) => void (await client.query(`DROP DATABASE "${name}" WITH (FORCE)`))),
  };
}

export function testConfig(database: TestDatabase, settings: NodeJS.ProcessEnv = {}): Config {
  return Config.from({
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    DATABASE_URL: database.url,
    SHUTDOWN_DRAIN_MS: '0',
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

  static async start(kind: DatabaseKind, { settings, controllers = [] }: TestOptions = {}): Promise<TestApp> {
    const database = await migrated(kind);
    class TestControllers {}
    const app = await createApp(testConfig(database, settings), [{ module: TestControllers, controllers }]);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new TestApp(app, database, new Make(app));
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
