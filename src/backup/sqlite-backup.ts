import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import Sqlite, { type Database } from 'better-sqlite3';
import { BackupError } from './backup-error.js';
import type { DatabaseBackup } from './database-backup.js';
import { findSize, sync } from './files.js';

/** How many pages are copied before the event loop gets its turn. */
const PAGES_AT_A_TIME = 100;

/** What SQLite keeps beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/** SQLite's file, compressed. */
export class SqliteBackup implements DatabaseBackup {
  readonly name = 'SQLite';
  readonly ending = '.sqlite.gz';
  readonly signature = Buffer.from([0x1f, 0x8b]);

  constructor(private readonly path: string) {}

  async write(file: string, signal: AbortSignal): Promise<void> {
    if ((await findSize(this.path)) === null) throw new BackupError(`There is no database at ${this.path}`);
    const copy = `${file}.copy`;
    // Made first, as SQLite would let everyone read it.
    await writeFile(copy, '', { mode: 0o600 });
    await this.copyTo(copy, signal);
    using(copy, (database) => {
      database.pragma('journal_mode = DELETE');
      if (migrationsOf(database).length === 0)
        throw new BackupError('There is nothing to back up: no migration has run');
    });
    await pipeline(createReadStream(copy), createGzip(), createWriteStream(file), { signal });
    await rm(copy);
  }

  async read(file: string, signal: AbortSignal): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'course-companion-'));
    try {
      return await unpack(file, join(folder, 'unpacked.db'), signal);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async isEmpty(): Promise<boolean> {
    if (!(await findSize(this.path))) return true;
    try {
      return using(this.path, (database) => database.prepare('SELECT 1 FROM sqlite_master').get() === undefined);
    } catch (error) {
      if (isBroken(error)) return false;
      throw error;
    }
  }

  async restore(file: string, accept: (migrations: string[]) => void, signal: AbortSignal): Promise<string[]> {
    // A link stays, and what it leads to is replaced.
    const target = await realpath(this.path).catch(() => this.path);
    await mkdir(dirname(target), { recursive: true });
    const folder = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      const restored = join(folder, 'restored.db');
      const migrations = await unpack(file, restored, signal);
      accept(migrations);
      await inheritAccess(target, restored);
      await sync(restored);
      signal.throwIfAborted();
      await replace(target, restored);
      return migrations;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /**
   * A read transaction around the copying keeps it at one moment. Without it SQLite begins anew whenever another
   * process has written, and under steady writes never comes to an end.
   */
  private async copyTo(copy: string, signal: AbortSignal): Promise<void> {
    const database = new Sqlite(this.path, { readonly: true });
    try {
      database.exec('BEGIN; SELECT 1 FROM sqlite_master');
      await database.backup(copy, {
        progress: () => {
          signal.throwIfAborted();
          return PAGES_AT_A_TIME;
        },
      });
    } catch (error) {
      const { message } = error as Error;
      if (isBroken(error)) throw new BackupError(`The database cannot be read: ${message}`);
      if (/^SQLITE_(FULL|IOERR)/.test(codeOf(error))) throw new BackupError(`${copy} cannot be written: ${message}`);
      throw error;
    } finally {
      database.close();
    }
  }
}

/** Unpacks a backup and reads all of it. */
async function unpack(file: string, target: string, signal: AbortSignal): Promise<string[]> {
  try {
    await pipeline(createReadStream(file), createGunzip(), createWriteStream(target, { mode: 0o600 }), { signal });
    return using(target, (database) => {
      // One file alone, without a log beside it; the server turns the log on again.
      database.pragma('journal_mode = DELETE');
      const integrity = database.pragma('integrity_check(1)', { simple: true });
      if (integrity !== 'ok') throw new BackupError(`The backup is damaged: ${String(integrity)}`);
      const [stray] = database.pragma('foreign_key_check') as { table: string; parent: string }[];
      if (stray)
        throw new BackupError(`The backup is damaged: ${stray.table} names ${stray.parent} that are not there`);
      return migrationsOf(database);
    });
  } catch (error) {
    const isUnreadable = isBroken(error) || /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
    if (isUnreadable) throw new BackupError(`The backup is damaged: ${(error as Error).message}`);
    throw error;
  }
}

/**
 * Renames `restored` to `target` while no process has the database open. Its log is written into the old file first:
 * one that stayed would be taken for the new file's and ruin it.
 */
async function replace(target: string, restored: string): Promise<void> {
  const old = (await findSize(target)) === null ? null : lock(target);
  try {
    for (const companion of COMPANIONS) await rm(target + companion, { force: true });
    await rename(restored, target);
    await sync(dirname(target));
  } finally {
    old?.close();
  }
}

/** Locks everyone else out; null if the file is no database, which nobody can have open. */
function lock(path: string): Database | null {
  const database = new Sqlite(path, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBroken(error)) return null;
    if (codeOf(error).startsWith('SQLITE_BUSY'))
      throw new BackupError(`${path} is open in another process: stop the server first`);
    throw error;
  }
}

/** Who could use the old file can use the new one. */
async function inheritAccess(target: string, restored: string): Promise<void> {
  const old = await stat(target).catch(() => null);
  if (!old) return;
  await chmod(restored, old.mode & 0o777);
  const { uid, gid } = await stat(restored);
  if (uid !== old.uid || gid !== old.gid) await chown(restored, old.uid, old.gid);
}

function using<T>(path: string, work: (database: Database) => T): T {
  const database = new Sqlite(path, { fileMustExist: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function migrationsOf(database: Database): string[] {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get();
  if (table === undefined) return [];
  return database.prepare<[], string>('SELECT name FROM migrations ORDER BY id').pluck().all();
}

function isBroken(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
