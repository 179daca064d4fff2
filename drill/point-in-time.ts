import { setTimeout as delay } from 'node:timers/promises';
import { seconds } from './figures.js';
import type { Finding } from './finding.js';
import { Postgres } from './postgres.js';
import { own } from './postgres-programs.js';
import { temporaryFolder } from './scope.js';
import { command } from './server.js';
import { type Acknowledged, Study } from './study.js';

const ARCHIVE_EVERY_S = 5;
/** How long learners study before the mistake, and between it and the loss of the server. */
const BEFORE_MS = 12_000;
const AFTER_MS = 8000;
/** One learner at a time writes about so often. */
const PAUSE_MS = 20;

/**
 * Rehearses the loss of a PostgreSQL server whose log is archived: every user is deleted by mistake, then the server
 * dies and its files are gone. One recovery leads to the moment before the mistake, where nothing of what was
 * acknowledged may be lost; another to the end of the archive, where what had not been archived is.
 */
export async function pointInTime(): Promise<Finding> {
  const archive = temporaryFolder();
  own(archive);
  const primary = await Postgres.prepare();
  const base = await Postgres.prepare();
  await primary.init();
  await primary.configure({
    archive_mode: 'on',
    archive_timeout: String(ARCHIVE_EVERY_S),
    // A copy that breaks off is not taken for a whole one: it gets its name when it is complete.
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f.part && mv ${archive}/%f.part ${archive}/%f`,
  });
  await primary.start();
  await command(['setup'], { DATABASE_URL: primary.url });
  await base.copyOf(primary);

  const { beforeMistake, afterMistake, target, diedAt } = await disaster(primary);
  const toTheMoment = await Postgres.prepare();
  const moment = await recovered(toTheMoment, base, archive, { recovery_target_time: serverTime(target) });
  const lostBefore = await moment.study.missing(beforeMistake);
  const strange = afterMistake.length - (await moment.study.missing(afterMistake)).length;
  await moment.study.close();
  await toTheMoment.stopImmediately();

  const toTheEnd = await Postgres.prepare();
  const end = await recovered(toTheEnd, base, archive, {});
  const lost = await end.study.missing(afterMistake);
  await end.study.close();
  const rpo = lost.length === 0 ? 0 : diedAt - Math.min(...lost.map(({ at }) => at));

  return {
    held: lostBefore.length === 0 && strange === 0 && beforeMistake.length > 0 && rpo < 2 * ARCHIVE_EVERY_S * 1000,
    figure:
      `to the moment before the mistake: ${beforeMistake.length} acknowledged, ${lostBefore.length} lost, RTO ` +
      `${seconds(moment.ms)}; to the end of the archive: ${lost.length} of ${afterMistake.length} acknowledged after it ` +
      `lost, RPO ${seconds(rpo)} (archived every ${ARCHIVE_EVERY_S} s), RTO ${seconds(end.ms)}`,
  };
}

/** Learners study; someone deletes all users; others study; the server dies and its files are gone. */
async function disaster(primary: Postgres) {
  const study = await Study.open(primary.url);
  const beforeMistake: Acknowledged[] = [];
  const afterMistake: Acknowledged[] = [];
  const mistakeAt = Date.now() + BEFORE_MS;
  await study.writeUntil(() => Date.now() > mistakeAt, beforeMistake, PAUSE_MS);
  await delay(200);
  const [{ now: target }] = await primary.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await delay(200);
  await primary.query('DELETE FROM users');
  let isOver = false;
  // It fails when the server is gone, which is meant; what it was told by then counts.
  const writing = study.writeUntil(() => isOver, afterMistake, PAUSE_MS).catch(() => undefined);
  await delay(AFTER_MS);
  await primary.kill();
  const diedAt = Date.now();
  isOver = true;
  await primary.wipe();
  await writing;
  await study.close();
  return { beforeMistake, afterMistake, target, diedAt };
}

/** Recovers a server from the base backup and the archive; the time is until the application has stored something. */
async function recovered(server: Postgres, base: Postgres, archive: string, target: Record<string, string>) {
  const began = Date.now();
  await server.fill(base);
  await server.recover({
    archive_mode: 'off',
    restore_command: `cp ${archive}/%f %p`,
    recovery_target_action: 'promote',
    ...target,
  });
  await server.start();
  const study = await Study.open(server.url);
  await study.write();
  return { study, ms: Date.now() - began };
}

/** As PostgreSQL's settings take it: there they do not know what Z stands for. */
function serverTime(moment: Date): string {
  return moment.toISOString().replace('Z', '+00');
}
