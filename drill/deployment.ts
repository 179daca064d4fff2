import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Learner } from './learner.js';
import { command, Server } from './server.js';
import { endWithRow, temporaryFolder } from './scope.js';
import { Postgres } from './postgres.js';
import { Redis } from './redis.js';

/** A second, and some for who hears late. */
const CHANGE_HEARD_MS = 1500;

/** Which database: SQLite alone, or PostgreSQL with Redis. */
export type Kind = 'sqlite' | 'postgres';

export const KIND_NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

interface Places {
  /** Where the database's files are. */
  folder?: string;
  /** Where PostgreSQL's write-ahead log is. */
  logFolder?: string;
}

/** What servers of the application share: a database with the sample course, and Redis beside PostgreSQL. */
export class Deployment {
  private constructor(
    readonly settings: NodeJS.ProcessEnv,
    /** SQLite's file. */
    readonly file: string,
    private readonly services: { postgres: Postgres; redis: Redis } | null,
  ) {}

  static async prepare(kind: Kind, { folder = temporaryFolder(), logFolder }: Places = {}): Promise<Deployment> {
    const file = join(folder, 'drill.db');
    const services =
      kind === 'sqlite' ? null : { postgres: await Postgres.create(folder, logFolder), redis: await Redis.create() };
    const settings = services
      ? { DATABASE_URL: services.postgres.url, REDIS_URL: services.redis.url }
      : { DATABASE_URL: `sqlite:${file}` };
    await command(['setup'], settings);
    return new Deployment(settings, file, services);
  }

  get postgres(): Postgres {
    return this.mustHaveServices().postgres;
  }

  get redis(): Redis {
    return this.mustHaveServices().redis;
  }

  /** Starts a server and waits until it is ready. */
  async serve(settings: NodeJS.ProcessEnv = {}): Promise<Server> {
    const server = await Server.start({ ...this.settings, ...settings });
    if ((await server.answers('/health/ready', 10_000)) === null) {
      throw new Error(`The server did not become ready:\n${server.log.slice(-2000)}`);
    }
    return server;
  }

  /** Runs a command of the operator's. */
  async command(args: string[]): Promise<void> {
    await command(args, this.settings);
  }

  /** Gives a learner the plan, and waits until every process knows of it. */
  async givePremium({ email }: Learner): Promise<void> {
    await this.command(['subscriptions', 'set', email, 'premium']);
    await delay(CHANGE_HEARD_MS);
  }

  /** Asks the database itself. */
  async query<Row extends object>(sql: string): Promise<Row[]> {
    if (this.services) return this.postgres.query<Row>(sql);
    const database = new Database(this.file, { readonly: true });
    try {
      return database.prepare<[], Row>(sql).all();
    } finally {
      database.close();
    }
  }

  /**
   * Keeps everybody from storing a completion: on SQLite by the lock that every write takes, on PostgreSQL by one on
   * the completions' table.
   * @returns what lets them
   */
  async lockWrites(): Promise<() => Promise<void>> {
    const release = this.services ? await this.lockTable() : this.lockFile();
    endWithRow(release);
    return release;
  }

  private async lockTable(): Promise<() => Promise<void>> {
    const client = await this.postgres.open();
    await client.query('BEGIN');
    await client.query('LOCK TABLE chapter_completions IN ACCESS EXCLUSIVE MODE');
    return () => client.end();
  }

  private lockFile(): () => Promise<void> {
    const database = new Database(this.file);
    database.exec('BEGIN IMMEDIATE');
    return () => Promise.resolve(void database.close());
  }

  private mustHaveServices(): { postgres: Postgres; redis: Redis } {
    if (!this.services) throw new Error('SQLite has no services beside it');
    return this.services;
  }
}
