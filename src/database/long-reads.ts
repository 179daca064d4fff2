import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { unavailable } from '../common/errors.js';
import { PROJECT_ROOT } from '../common/project.js';
import { Config } from '../config/config.js';
import { DatabaseConnection } from './database-connection.js';
import { QueryWatch } from './query-watch.js';
import type { Answer, Question } from './reading-thread.js';

/** Compiled, as a thread can run nothing else. */
const THREAD = join(PROJECT_ROOT, 'dist/src/database/reading-thread.js');
const MAX_WAITING = 100;

interface Waiting {
  resolve: (rows: never[]) => void;
  reject: (error: Error) => void;
}

/**
 * Reads that may take long. SQLite works in the thread that asks, so there they are done on a thread with a read-only
 * connection of its own, one after the other; it begins with the first of them.
 */
@Injectable()
export class LongReads implements OnApplicationShutdown {
  private thread: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(
    private readonly connection: DatabaseConnection,
    private readonly watch: QueryWatch,
    private readonly config: Config,
  ) {}

  /** @throws {AppError} SERVICE_UNAVAILABLE if too many wait already; what the driver says */
  async query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const { database } = this.config;
    if (database.kind === 'postgres') return this.connection.reader.query<Row[]>(sql, parameters);
    if (this.waiting.size >= MAX_WAITING) throw unavailable('Too much is being read', 1);
    this.thread ??= this.start(database.path);
    // A thread that nobody waits for keeps no process alive.
    this.thread.ref();
    const id = ++this.asked;
    this.thread.postMessage({ id, sql, parameters: parameters.map(toSqlite) } satisfies Question);
    return this.watch.measure(sql, () => new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject })));
  }

  /** The rows that a query builder asks for, as the driver gives them. */
  rows<Row>(builder: SelectQueryBuilder<ObjectLiteral>): Promise<Row[]> {
    const [sql, parameters] = builder.getQueryAndParameters();
    return this.query<Row>(sql, parameters);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.thread?.terminate();
  }

  private start(path: string): Worker {
    const thread = new Worker(THREAD, { workerData: path });
    thread.on('message', ({ id, ...answer }: Answer) => {
      const asker = this.waiting.get(id);
      this.waiting.delete(id);
      if (this.waiting.size === 0) thread.unref();
      if ('rows' in answer) asker?.resolve(answer.rows as never[]);
      else asker?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
    });
    // Told twice, of an error and of the exit after it: by then another thread may have been asked.
    const lose = (error: Error) => {
      if (this.thread !== thread) return;
      this.thread = null;
      for (const { reject } of this.waiting.values()) reject(unavailable('The read was broken off', 1, error));
      this.waiting.clear();
    };
    thread.on('error', lose);
    thread.on('exit', () => lose(new Error('The reading thread has ended')));
    return thread;
  }
}

/** SQLite's driver takes no booleans. */
function toSqlite(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
