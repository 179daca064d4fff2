import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { DatabaseTarget } from '../config/environment.js';
import { knownMigrations } from '../database/data-source.js';
import { BackupError, BackupTakenError } from './backup-error.js';
import { backupName, readBackupName, readWorkplaceName, workplaceName } from './backup-name.js';
import type { DatabaseBackup } from './database-backup.js';
import { findSize, readBeginning, sha256, sync } from './files.js';

/** After so long nobody is at work in a workplace any more: its process has died. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** A backup in the folder of backups. */
export interface Backup {
  file: string;
  /** When it was begun: what had been stored by then is in it. */
  at: Date;
  bytes: number;
}

/** Makes, lists, checks and puts back backups of the configured database, whether or not the application runs. */
@Injectable()
export class Backups {
  private readonly database: Promise<DatabaseBackup>;

  constructor(private readonly config: Config) {
    this.database = backupOf(config.database);
  }

  /**
   * Makes a backup in the folder of backups, named by `at`, and takes away those that are too many.
   * @returns its file
   * @throws {BackupTakenError} if there is one of the same second
   */
  async create(at: Date, signal: AbortSignal): Promise<string> {
    const { ending } = await this.database;
    const file = join(this.config.backupDir, backupName(at, ending));
    await this.write(file, signal);
    await this.prune(file, at);
    return file;
  }

  /**
   * Makes a backup elsewhere, where it stays.
   * @returns its file
   * @throws {BackupTakenError} if the file is there already
   */
  async createAt(file: string, signal: AbortSignal): Promise<string> {
    await this.write(resolve(file), signal);
    return resolve(file);
  }

  /** What is in the folder of backups, newest first. */
  async list(): Promise<Backup[]> {
    const found = await Promise.all(
      (await this.names()).map(async (name) => {
        const file = join(this.config.backupDir, name);
        return { file, at: readBackupName(name)?.at, bytes: await findSize(file) };
      }),
    );
    return found
      .filter((backup): backup is Backup => backup.at !== undefined && backup.bytes !== null)
      .sort((a, b) => b.at.getTime() - a.at.getTime());
  }

  /** When the newest backup of this database was begun, whoever made it; null if there is none. */
  async lastSuccess(): Promise<Date | null> {
    const { ending } = await this.database;
    const own = (await this.list()).find(({ file }) => file.endsWith(ending));
    return own?.at ?? null;
  }

  /**
   * Reads a backup to its end and compares its checksum.
   * @returns the migrations that it has had
   * @throws {BackupError} that says what is wrong with it
   */
  async verify(file: string, signal: AbortSignal): Promise<string[]> {
    const database = await this.database;
    await examine(file, database, signal);
    const migrations = await database.read(file, signal);
    mustBeOurs(file, migrations);
    return migrations;
  }

  /**
   * Puts a backup in the place of the database, all of it or nothing.
   * @param options.force even if something is stored there, which is lost
   * @returns the migrations that the database now has had
   */
  async restore(file: string, { force }: { force: boolean }, signal: AbortSignal): Promise<string[]> {
    const database = await this.database;
    await examine(file, database, signal);
    if (!force && !(await database.isEmpty()))
      throw new BackupError('The database is not empty: --force replaces all that is in it by the backup');
    return database.restore(file, (migrations) => mustBeOurs(file, migrations), signal);
  }

  /** Whoever makes the workplace makes the backup. The file appears under its name when all of it is on the disk. */
  private async write(file: string, signal: AbortSignal): Promise<void> {
    const folder = dirname(file);
    const workplace = join(folder, workplaceName(basename(file)));
    const database = await this.database;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.take(workplace);
    try {
      // Asked only now: whoever has had the workplace before has made the file by the time that it is free.
      if ((await findSize(file)) !== null) throw new BackupTakenError(`${file} exists already`);
      const unfinished = join(workplace, 'backup');
      const checksum = join(workplace, 'checksum');
      await writeFile(unfinished, '', { mode: 0o600 });
      await database.write(unfinished, signal);
      await writeFile(checksum, `${await sha256(unfinished, signal)}  ${basename(file)}\n`, { mode: 0o600 });
      await Promise.all([sync(unfinished), sync(checksum)]);
      await rename(checksum, checksumOf(file));
      await rename(unfinished, file);
      await sync(folder);
    } finally {
      await rm(workplace, { recursive: true, force: true });
    }
  }

  private async take(workplace: string): Promise<void> {
    try {
      await mkdir(workplace, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new BackupTakenError(`This backup is being made already; if nobody does, remove ${workplace}`);
    }
  }

  /**
   * Takes away the oldest backups of this kind of database, never the one just made, and what died while it was made.
   */
  private async prune(made: string, at: Date): Promise<void> {
    const { backupDir, backupKeep } = this.config;
    if (backupKeep > 0) {
      const { ending } = await this.database;
      const others = (await this.list()).filter(({ file }) => file.endsWith(ending) && file !== made);
      for (const { file } of others.slice(backupKeep - 1)) {
        await rm(file, { force: true });
        await rm(checksumOf(file), { force: true });
      }
    }
    for (const name of await this.names()) {
      const begun = readWorkplaceName(name)?.at;
      if (begun && at.getTime() - begun.getTime() > ABANDONED_AFTER_MS)
        await rm(join(backupDir, name), { recursive: true, force: true });
    }
  }

  private async names(): Promise<string[]> {
    return readdir(this.config.backupDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
  }
}

/** That the file is as it was made, and of a kind that can be put into the configured database. */
async function examine(file: string, { signature, name }: DatabaseBackup, signal: AbortSignal): Promise<void> {
  if (!(await findSize(file))) throw new BackupError(`${file} does not exist or is empty`);
  const expected = await readFile(checksumOf(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new BackupError(`${checksumOf(file)} is missing, the file's SHA-256 as sha256sum prints it`);
  });
  if (expected.slice(0, 64).toLowerCase() !== (await sha256(file, signal)))
    throw new BackupError(`${file} is damaged: it is not what its checksum was made of`);
  if (!(await readBeginning(file, signature.length)).equals(signature))
    throw new BackupError(`${file} is no backup of ${name}, which is what DATABASE_URL names`);
}

/** @throws {BackupError} if it has not even had the first migration of this application's database */
function mustBeOurs(file: string, migrations: string[]): void {
  if (migrations.includes(knownMigrations()[0])) return;
  throw new BackupError(`${file} is no backup of Course Companion: it has had none of its migrations`);
}

/** The kind's own way; of the drivers only its own is loaded. */
async function backupOf(database: DatabaseTarget): Promise<DatabaseBackup> {
  if (database.kind === 'sqlite') {
    const { SqliteBackup } = await import('./sqlite-backup.js');
    return new SqliteBackup(database.path);
  }
  const { PostgresBackup } = await import('./postgres-backup.js');
  return new PostgresBackup(database.url);
}

function checksumOf(file: string): string {
  return `${file}.sha256`;
}
