import { AsyncResource } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { unavailable } from '../common/errors.js';
import { isSqliteBusy } from './database-errors.js';
import { beginImmediate } from './sqlite-lock.js';

/**
 * For so long others join a transaction: a piece of work takes much less, and a commit about as much on a slow disk.
 */
const JOIN_WITHIN_MS = 10;
const RETRY_AFTER_S = 1;

interface Write {
  work: (manager: EntityManager) => Promise<unknown>;
  /** Until when it may wait for its turn and for SQLite's lock, as `performance.now()` tells the time. */
  deadline: number;
  /** Tells the log and the spans of whose request it is a part. */
  scope: AsyncResource;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Does one write after another, as SQLite has one writer at a time. What takes it longest is to see to it that a commit
 * is on the disk, so those that wait together are committed together, each behind a savepoint of its own: one that
 * fails takes nothing of the others back, and none is told that it is stored before all are.
 */
export class SqliteWrites {
  private waiting: Write[] = [];
  private isAtWork = false;

  constructor(
    private readonly writer: DataSource,
    private readonly timeoutMs: number,
  ) {}

  /** @throws {AppError} SERVICE_UNAVAILABLE if it would wait too long for its turn */
  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.timeoutMs;
      this.waiting.push({ work, deadline, scope: new AsyncResource('SqliteWrite'), resolve, reject });
      if (!this.isAtWork) void this.workOff();
    });
  }

  private async workOff(): Promise<void> {
    this.isAtWork = true;
    const watch = setInterval(() => this.refuseExpired(), this.timeoutMs / 10);
    for (;;) {
      // Requests that have come at the same time are read in this turn of the event loop.
      await nextTurn();
      const first = this.waiting.shift();
      if (!first) break;
      await first.scope.runInAsyncScope(() => this.writeWith(first));
    }
    clearInterval(watch);
    this.isAtWork = false;
  }

  /** Writes what has its turn, and what waits behind it, in one transaction. */
  private async writeWith(first: Write): Promise<void> {
    const runner = this.writer.createQueryRunner();
    try {
      await beginImmediate(runner, first.deadline);
    } catch (error) {
      first.reject(isSqliteBusy(error) ? tooBusy(error) : error);
      return;
    }
    // TypeORM would begin a transaction of its own in save() and remove() if it did not know of this one.
    Object.assign(runner, { isTransactionActive: true });
    const joined = [first];
    try {
      const result = await first.work(runner.manager);
      const outcomes = [() => first.resolve(result as never)];
      const end = performance.now() + JOIN_WITHIN_MS;
      for (let next = this.waiting.shift(); next; next = performance.now() < end ? this.waiting.shift() : undefined) {
        joined.push(next);
        outcomes.push(await behindSavepoint(runner, next));
      }
      await runner.query('COMMIT');
      for (const tell of outcomes) tell();
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      for (const { reject } of joined) reject(error);
    } finally {
      Object.assign(runner, { isTransactionActive: false });
    }
  }

  private refuseExpired(): void {
    const now = performance.now();
    for (const { reject } of this.waiting.filter(({ deadline }) => deadline <= now)) reject(tooBusy());
    this.waiting = this.waiting.filter(({ deadline }) => deadline > now);
  }
}

/**
 * @returns what tells its outcome, once all is committed
 * @throws if SQLite has taken the whole transaction back, as when the disk is full
 */
async function behindSavepoint(runner: QueryRunner, { work, scope, resolve, reject }: Write): Promise<() => void> {
  await runner.query('SAVEPOINT joined');
  try {
    const result = await scope.runInAsyncScope(() => work(runner.manager));
    await runner.query('RELEASE joined');
    return () => resolve(result as never);
  } catch (error) {
    await runner.query('ROLLBACK TO joined').catch(() => Promise.reject(error as Error));
    await runner.query('RELEASE joined');
    return () => reject(error);
  }
}

function tooBusy(cause?: unknown): Error {
  return unavailable('The database is busy', RETRY_AFTER_S, cause);
}
