import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { isSqliteBusy } from './database-errors.js';

const MAX_PAUSE_MS = 50;

/**
 * Does what needs a lock of SQLite's; where another process holds it, the wait is between tries and blocks nobody.
 * @param deadline until when it waits, as `performance.now()` tells the time
 * @throws what the driver says if the lock is not free by then
 */
export async function whenUnlocked(attempt: () => unknown, deadline: number): Promise<void> {
  for (let pause = 1; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() + pause > deadline) throw error;
      await delay(pause);
    }
  }
}

/**
 * Takes SQLite's one write lock, as `whenUnlocked()` does, so that no statement after it can find the database busy.
 */
export function beginImmediate(runner: QueryRunner, deadline: number): Promise<void> {
  return whenUnlocked(() => runner.query('BEGIN IMMEDIATE'), deadline);
}
