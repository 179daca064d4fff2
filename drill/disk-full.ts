import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Deployment, type Kind } from './deployment.js';
import { seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { until } from './process.js';
import { endWithRow, temporaryFolder } from './scope.js';
import { halfWritten, Writers } from './writers.js';

const SIZE = { sqlite: '32m', postgres: '160m' };
const FULL_MS = 5000;
const REFUSED_WITHIN_MS = 30_000;
const BACK_WITHIN_MS = 5000;

/**
 * The disk under the database's tables fills up and is freed again. PostgreSQL's write-ahead log is on another: a
 * server whose log cannot be written stops altogether, which is row 10.
 */
export async function diskFull(kind: Kind): Promise<Finding> {
  const disk = mountDisk(SIZE[kind]);
  const deployment = await Deployment.prepare(kind, { folder: disk, logFolder: temporaryFolder() });
  const server = await deployment.serve();
  const learner = await Learner.register(server.url);
  const writers = await Writers.start(server.url, 4);
  await delay(1000);

  const filling = join(disk, 'filling');
  fill(filling);
  // Pages that are there already can still be written.
  const refused = await until(() => writers.statuses.of(503) > 0, REFUSED_WITHIN_MS);
  const [writes, reads] = [new Tally(), new Tally()];
  for (const end = performance.now() + FULL_MS; performance.now() < end; await delay(100)) {
    fill(filling);
    writes.add((await learner.submit()).status);
    reads.add((await learner.progress()).status);
  }
  rmSync(filling);
  const back = await until(async () => (await learner.submit()).status === 200, 2 * BACK_WITHIN_MS);
  await delay(1000);
  await writers.stop();

  const [lost, half] = [await writers.lost(deployment), await halfWritten(deployment)];
  const integrity = await check(deployment, kind);
  const isRefused = refused !== null && writes.of(503) > 0 && writes.hasOnly(200, 503) && reads.hasOnly(200);
  const isWhole = lost === 0 && half === 0 && integrity === 'ok' && writers.statuses.hasOnly(200, 503);
  return {
    held: isRefused && isWhole && back !== null && back < BACK_WITHIN_MS && server.isRunning,
    figure:
      `full: writes ${writes.toString()}, reads ${reads.toString()}; writes again after ${seconds(back)}; ` +
      `writers ${writers.statuses.toString()}, ${lost} lost, ${half} half-written; integrity ${integrity}`,
  };
}

/** @throws if this is not root, or not Linux */
function mountDisk(size: string): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'course-companion-drill', folder], { stdio: 'pipe' });
  endWithRow(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

/** Takes what is left of the disk. */
function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (let bytes = 65_536; bytes >= 512; bytes /= 2) {
      const block = Buffer.alloc(bytes, 1);
      try {
        while (writeSync(descriptor, block) === block.length);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the database says that it is sound. */
async function check(deployment: Deployment, kind: Kind): Promise<string> {
  if (kind === 'sqlite') {
    const database = new Database(deployment.file, { readonly: true });
    const found = database.pragma('integrity_check', { simple: true });
    database.close();
    return String(found);
  }
  await deployment.query('CREATE EXTENSION amcheck');
  await deployment.query(
    `SELECT bt_index_check(c.oid, true)
     FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am a ON a.oid = c.relam
     WHERE a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace`,
  );
  return 'ok';
}
