import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Finding } from './finding.js';
import { Rows } from './rows.js';
import { type Acknowledged, Study } from './study.js';

const CLI = join(__dirname, '../src/cli.js');
const POSTGRES_URL = process.env.DRILL_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const LEARNERS = 300;
const ACKNOWLEDGED_BEFORE = 20;

/** A database that can be wiped. */
interface Wipeable {
  url: string;
  /** Makes it empty, whatever is in it. */
  wipe(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Backs up a database while a writer goes on, wipes it and restores it. Since rows are only added meanwhile, what is
 * restored must hold every row from before the backup and no row that was not there after it.
 */
export async function backup(kind: 'sqlite' | 'postgres'): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'course-companion-drill-'));
  const database = kind === 'sqlite' ? sqliteIn(folder) : postgres();
  try {
    await database.wipe();
    return await backUpWipeRestore(database, folder);
  } finally {
    await database.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function backUpWipeRestore(database: Wipeable, folder: string): Promise<Finding> {
  const { url } = database;
  const settings = { DATABASE_URL: url, BACKUP_DIR: join(folder, 'backups') };
  await cli(['setup'], settings);
  const { before, after, acknowledged, made } = await underWrites(url, () => cli(['backup', 'create'], settings));
  await database.wipe();
  const file = made.stdout.trim().split('\n').at(-1) ?? '';
  const put = await cli(['backup', 'restore', file], settings);
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

/** Runs a command of the built program. */
async function cli(args: string[], settings: NodeJS.ProcessEnv): Promise<{ stdout: string; ms: number }> {
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings };
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { env });
  return { stdout, ms: performance.now() - began };
}

function sqliteIn(folder: string): Wipeable {
  const file = join(folder, 'drill.db');
  const wipe = async () => {
    for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true });
  };
  return { url: `sqlite:${file}`, wipe, remove: wipe };
}

function postgres(): Wipeable {
  const name = `course_companion_drill_backup_${process.pid}`;
  const url = new URL(POSTGRES_URL);
  url.pathname = `/${name}`;
  const run = async (...statements: string[]) => {
    const client = new Client({ connectionString: POSTGRES_URL });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const drop = `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`;
  return { url: url.href, wipe: () => run(drop, `CREATE DATABASE ${name}`), remove: () => run(drop) };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
