import type { DataSource, Migration } from 'typeorm';
import { isNoSuchTable } from './database-errors.js';
import { beginImmediate } from './sqlite-lock.js';

/** Any number will do, as long as it is always the same: it names the lock. */
const LOCK = 7_214_906_113;

/** Longer than the migrations of another process take. */
const WAIT_MS = 60_000;

/**
 * Brings the schema up to date; of several processes that start at once, one does it and the others wait.
 * @returns the names of the migrations that ran
 */
export async function migrate(writer: DataSource): Promise<string[]> {
  const ran =
    writer.options.type === 'postgres'
      ? await withAdvisoryLock(writer, () => writer.runMigrations())
      : await inSqliteTransaction(writer);
  return ran.map(({ name }) => name);
}

async function withAdvisoryLock<T>(writer: DataSource, work: () => Promise<T>): Promise<T> {
  const runner = writer.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await work();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** SQLite's lock of the file is the lock: all migrations in one transaction, after those of whoever came first. */
async function inSqliteTransaction(writer: DataSource): Promise<Migration[]> {
  const runner = writer.createQueryRunner();
  await beginImmediate(runner, performance.now() + WAIT_MS);
  try {
    const ran = await writer.runMigrations({ transaction: 'none' });
    await runner.query('COMMIT');
    return ran;
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The names of the migrations that the database has not had yet. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const names = dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
  const done = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations').catch((error: unknown) => {
    if (isNoSuchTable(error)) return [];
    throw error;
  });
  return names.filter((name) => !done.some((row) => row.name === name));
}
