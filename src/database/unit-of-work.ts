import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { unavailable } from '../common/errors.js';
import { Config } from '../config/config.js';
import { DatabaseConnection } from './database-connection.js';
import { Metrics } from '../metrics/metrics.js';
import { isConnectionLost, isConnectionTakenBack, isSerializationFailure } from './database-errors.js';
import { isPostgres } from './dialect.js';
import { SqliteWrites } from './sqlite-writes.js';

const MAX_ATTEMPTS = 5;
const RETRY_AFTER_S = 1;

export type Work<T> = (manager: EntityManager) => Promise<T>;

/**
 * The one way to write. All that `work` does through its manager is stored together, or not at all. `work` may run
 * more than once, so it has no effect outside the database.
 */
@Injectable()
export class UnitOfWork {
  private readonly sqlite: SqliteWrites;
  private readonly running = new AsyncLocalStorage<true>();

  constructor(
    private readonly connection: DatabaseConnection,
    config: Config,
    private readonly metrics: Metrics,
  ) {
    this.sqlite = new SqliteWrites(connection.writer, config.databaseAcquireTimeoutMs);
  }

  /** @throws {AppError} SERVICE_UNAVAILABLE if the database stays too busy to take the write */
  run<T>(work: Work<T>): Promise<T> {
    this.mustBeOutermost();
    const { writer } = this.connection;
    const guarded: Work<T> = (manager) => this.running.run(true, () => work(manager));
    return isPostgres(writer)
      ? this.inPostgres((onDone) => writer.transaction((manager) => guarded(manager).then(onDone)))
      : this.sqlite.run(guarded);
  }

  /**
   * Runs work that is one statement, which PostgreSQL stores by itself or not at all. Where the connection breaks off
   * it is sent again, so it must find out what was stored before.
   * @throws as `run` does
   */
  runOne<T>(work: Work<T>): Promise<T> {
    this.mustBeOutermost();
    return this.inPostgres(() => work(this.connection.writer.manager));
  }

  private mustBeOutermost(): void {
    if (this.running.getStore()) throw new Error('A unit of work cannot hold another one');
  }

  private inPostgres<T>(attempt: Attempt<T>): Promise<T> {
    return retry(attempt, () => this.metrics.transactionRetries.inc());
  }
}

/** Is told when all is done but to be committed. */
type Attempt<T> = (onDone: (result: T) => T) => Promise<T>;

/**
 * Serialization failures and deadlocks are retried, each time in a fresh transaction; so is work whose connection broke
 * off, unless that was when it was being committed, as nobody knows then whether it was.
 */
async function retry<T>(attempt: Attempt<T>, onRetry: () => void): Promise<T> {
  for (let count = 1; ; count++) {
    let isDone = false;
    try {
      return await attempt((result) => {
        isDone = true;
        return result;
      });
    } catch (error) {
      const isUndone = isConnectionTakenBack(error) || (!isDone && isConnectionLost(error));
      const isWorthRetrying = isUndone || isSerializationFailure(error);
      if (!isWorthRetrying) throw error;
      if (count === MAX_ATTEMPTS) throw unavailable('The database is busy', RETRY_AFTER_S, error);
      onRetry();
      await delay(Math.random() * 10 * 2 ** count);
    }
  }
}
