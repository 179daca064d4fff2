import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { unavailable } from '../common/errors.js';
import { Config } from '../config/config.js';
import { DatabaseConnection } from './database-connection.js';
import { isSerializationFailure, isSqliteBusy } from './database-errors.js';
import { Queue } from './queue.js';

const MAX_ATTEMPTS = 5;
const RETRY_AFTER_S = 1;

export type Work<T> = (manager: EntityManager) => Promise<T>;

/**
 * The one way to write. All that `work` does through its manager is stored together, or not at all. `work` may run
 * more than once, so it has no effect outside the database.
 */
@Injectable()
export class UnitOfWork {
  private readonly queue: Queue;
  private readonly running = new AsyncLocalStorage<true>();

  constructor(
    private readonly connection: DatabaseConnection,
    config: Config,
  ) {
    this.queue = new Queue(config.databaseAcquireTimeoutMs);
  }

  /** @throws {AppError} SERVICE_UNAVAILABLE if the database stays too busy to take the write */
  run<T>(work: Work<T>): Promise<T> {
    if (this.running.getStore()) throw new Error('A unit of work cannot hold another one');
    const { writer } = this.connection;
    const guarded: Work<T> = (manager) => this.running.run(true, () => work(manager));
    return writer.options.type === 'postgres'
      ? retryInPostgres(writer, guarded)
      : this.queue.run((deadline) => inSqlite(writer, guarded, deadline));
  }
}

/** Serialization failures and deadlocks are retried, each time in a fresh transaction. */
async function retryInPostgres<T>(writer: DataSource, work: Work<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writer.transaction(work);
    } catch (error) {
      if (!isSerializationFailure(error)) throw error;
      if (attempt === MAX_ATTEMPTS) throw unavailable('The database is busy', RETRY_AFTER_S, error);
      await delay(Math.random() * 10 * 2 ** attempt);
    }
  }
}

/**
 * SQLite has one writer at a time. BEGIN IMMEDIATE takes the lock at once, so that no statement after it can find the
 * database busy; where another process holds it, the wait is between tries and blocks nobody.
 */
async function inSqlite<T>(writer: DataSource, work: Work<T>, deadline: number): Promise<T> {
  const runner = writer.createQueryRunner();
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    try {
      await runner.query('BEGIN IMMEDIATE');
      break;
    } catch (error) {
      if (!isSqliteBusy(error)) throw error;
      if (performance.now() + wait > deadline) throw unavailable('The database is busy', RETRY_AFTER_S, error);
      await delay(wait);
    }
  }
  // TypeORM would begin a transaction of its own in save() and remove() if it did not know of this one.
  Object.assign(runner, { isTransactionActive: true });
  try {
    const result = await work(runner.manager);
    await runner.query('COMMIT');
    return result;
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    Object.assign(runner, { isTransactionActive: false });
  }
}
