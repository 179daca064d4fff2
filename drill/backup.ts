import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kind } from './deployment.js';
import { seconds } from './figures.js';
import type { Finding } from './finding.js';
import { Postgres } from './postgres.js';
import { Rows } from './rows.js';
import { temporaryFolder } from './scope.js';
import { command } from './server.js';
import { type Acknowledged, Study } from './study.js';

const LEARNERS = 300;
const ACKNOWLEDGED_BEFORE = 20;

/** A database that can be wiped. */
interface Wipeable {
  url: string;
  /** Makes it empty, whatever is in it. */
  wipe(): Promise<void>;
}

/**
 * Backs up a database while a writer goes on, wipes it and restores it. Since rows are only added meanwhile, what is
 * restored must hold every row from before the backup and no row that was not there after it.
 */
export async function backup(kind: Kind): Promise<Finding> {
  const database = kind === 'sqlite' ? sqliteIn(temporaryFolder()) : emptied(await Postgres.create());
  return backUpWipeRestore(database, temporaryFolder());
}

async function backUpWipeRestore(database: Wipeable, folder: string): Promise<Finding> {
  const { url } = database;
  const settings = { DATABASE_URL: url, BACKUP_DIR: join(folder, 'backups') };
  await command(['setup'], settings);
  const { before, after, acknowledged, made } = await underWrites(url, () => timed(['backup', 'create'], settings));
  await database.wipe();
  const file = made.printed.trim().split('\n').at(-1) ?? '';
  const put = await timed(['backup', 'restore', file], settings);
  const restored = await Rows.of(url);
  const study = await Study.open(url);
  try {
    await study.write();
    const lost = (await study.missing(acknowledged)).length;
    const missing = before.missingIn(restored);
    const strange = restored.missingIn(after);
    return {
      held: missing === 0 && strange === 0 && lost === 0 && after.count > before.count,
      figure:
        `${before.count} rows of ${before.tables} tables before, ${after.count} after, ${restored.count} restored; ` +
        `${missing} missing, ${strange} strange; ${acknowledged.length} acknowledged before, ${lost} lost; ` +
        `backup ${seconds(made.ms)}, restore ${seconds(put.ms)}`,
    };
  } finally {
    await study.close();
  }
}

/** Does the work while learners are added, and tells what was stored before it began and after it had ended. */
async function underWrites<T>(url: string, work: () => Promise<T>) {
  const study = await Study.open(url);
  try {
    await study.seed(LEARNERS);
    let isOver = false;
    const all: Acknowledged[] = [];
    const writing = study.writeUntil(() => isOver, all);
    // Awaited below; a failure before that is told there.
    writing.catch(() => undefined);
    while (all.length < ACKNOWLEDGED_BEFORE) await Promise.race([delay(10), writing]);
    const before = await Rows.of(url);
    const acknowledged = [...all];
    const made = await work();
    isOver = true;
    await writing;
    return { before, after: await Rows.of(url), acknowledged, made };
  } finally {
    await study.close();
  }
}

/** Runs a command of the built program; gives what it printed and the time it took. */
async function timed(args: string[], settings: NodeJS.ProcessEnv): Promise<{ printed: string; ms: number }> {
  const began = performance.now();
  const printed = await command(args, settings);
  return { printed, ms: performance.now() - began };
}

function sqliteIn(folder: string): Wipeable {
  const file = join(folder, 'drill.db');
  const wipe = async () => {
    for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true });
  };
  return { url: `sqlite:${file}`, wipe };
}

function emptied(postgres: Postgres): Wipeable {
  const wipe = async () => {
    await postgres.query('DROP SCHEMA public CASCADE');
    await postgres.query('CREATE SCHEMA public');
  };
  return { url: postgres.url, wipe };
}
