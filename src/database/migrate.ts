import { type DataSource, type Migration, MigrationExecutor } from 'typeorm';
import { isNoSuchTable } from './database-errors.js';
import { isPostgres } from './dialect.js';
import { beginImmediate } from './sqlite-lock.js';

/** Names PostgreSQL's lock. Any number will do, as long as it is always the same. */
export const MIGRATION_LOCK = 7_214_906_113;

/** Longer than the migrations of another process take. */
const WAIT_MS = 60_000;

/**
 * Brings the schema up to date; of several processes that start at once, one does it and the others wait.
 * @returns the names of the migrations that ran
 */
export async function migrate(writer: DataSource): Promise<string[]> {
  const ran = isPostgres(writer) ? await underAdvisoryLock(writer) : await inSqliteTransaction(writer);
  return ran.map(({ name }) => name);
}

/**
 * All on one connection, so that the lock goes with whoever migrates. What bounds a request's statements does not bound
 * it: an index of a large table takes its time, and so does waiting for another process.
 */
async function underAdvisoryLock(writer: DataSource): Promise<Migration[]> {
  const runner = writer.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(writer, runner);
    executor.transaction = 'each';
    return await executor.executePendingMigrations();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.query('RESET statement_timeout').catch(() => undefined);
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
