import { setTimeout as delay } from 'node:timers/promises';
import { backup } from './backup.js';
import { keptBeforePrism } from './contract.js';
import { diskFull } from './disk-full.js';
import type { Finding } from './finding.js';
import { killUnderWrites } from './killed.js';
import { poolStarved, sqliteBusy } from './locked.js';
import { killedInModelCall } from './orphaned.js';
import { pointInTime } from './point-in-time.js';
import { sharedCache } from './shared-cache.js';
import { overload } from './overload.js';
import { backendsKilled, postgresComesLater, postgresStops } from './postgres-away.js';
import { redisFails } from './redis-away.js';
import { inScope, Scope } from './scope.js';
import { terminated } from './shutdown.js';
import { slowClients } from './slow-clients.js';
import { soak, SOAK_MINUTES } from './soak.js';
import { workerKilled } from './workers.js';

interface Row {
  /** Its name: the number of the fault, the same for each database that it is provoked on. */
  row: string;
  provoked: string;
  drill: () => Promise<Finding>;
  /** After so many seconds it has not held. */
  withinSeconds: number;
  /** Drilled only where it is named, or with --all: it is long, or needs the package registry. */
  isOnDemand?: true;
}

const SOAK_SECONDS = SOAK_MINUTES * 60 + 120;

/** Those that take minutes come last. */
const ROWS: Row[] = [
  {
    row: '9',
    provoked: 'kill -9 under writes, SQLite',
    drill: () => killUnderWrites('sqlite'),
    withinSeconds: 240,
  },
  {
    row: '9',
    provoked: 'kill -9 under writes, PostgreSQL',
    drill: () => killUnderWrites('postgres'),
    withinSeconds: 240,
  },
  { row: '10', provoked: 'PostgreSQL stops and comes back', drill: postgresStops, withinSeconds: 90 },
  { row: '11', provoked: 'backends ended under writes', drill: backendsKilled, withinSeconds: 90 },
  { row: '13', provoked: 'another process holds the lock, SQLite', drill: sqliteBusy, withinSeconds: 60 },
  { row: '14', provoked: 'PostgreSQL away at start', drill: postgresComesLater, withinSeconds: 90 },
  { row: '15', provoked: 'Redis is killed under load', drill: () => redisFails('killed'), withinSeconds: 90 },
  { row: '15', provoked: 'Redis freezes under load', drill: () => redisFails('frozen'), withinSeconds: 90 },
  { row: '16', provoked: 'pool of 2, both held', drill: poolStarved, withinSeconds: 60 },
  { row: '17', provoked: 'SIGTERM under load, SQLite', drill: () => terminated('sqlite'), withinSeconds: 60 },
  { row: '17', provoked: 'SIGTERM under load, PostgreSQL', drill: () => terminated('postgres'), withinSeconds: 60 },
  { row: '18', provoked: '3 × capacity, SQLite', drill: () => overload('sqlite'), withinSeconds: 120 },
  { row: '18', provoked: '3 × capacity, PostgreSQL', drill: () => overload('postgres'), withinSeconds: 120 },
  { row: '19', provoked: '200 slow clients', drill: slowClients, withinSeconds: 90 },
  { row: '20', provoked: 'disk full, SQLite', drill: () => diskFull('sqlite'), withinSeconds: 120 },
  { row: '20', provoked: 'disk full, PostgreSQL', drill: () => diskFull('postgres'), withinSeconds: 120 },
  { row: 'workers', provoked: 'kill -9 of one of 4 workers', drill: workerKilled, withinSeconds: 90 },
  {
    row: '23',
    provoked: 'wiped and restored from a backup, SQLite',
    drill: () => backup('sqlite'),
    withinSeconds: 120,
  },
  {
    row: '23',
    provoked: 'wiped and restored from a backup, PostgreSQL',
    drill: () => backup('postgres'),
    withinSeconds: 120,
  },
  { row: '23', provoked: 'server lost, recovered to a moment', drill: pointInTime, withinSeconds: 180 },
  { row: '41', provoked: 'a shared cache before the service', drill: sharedCache, withinSeconds: 240 },
  { row: '7', provoked: 'kill -9 in a model call', drill: killedInModelCall, withinSeconds: 400 },
  { row: '42', provoked: 'the demos before Prism', drill: keptBeforePrism, withinSeconds: 300, isOnDemand: true },
  { row: '24', provoked: 'soak, SQLite', drill: () => soak('sqlite'), withinSeconds: SOAK_SECONDS, isOnDemand: true },
  {
    row: '24',
    provoked: 'soak, PostgreSQL',
    drill: () => soak('postgres'),
    withinSeconds: SOAK_SECONDS,
    isOnDemand: true,
  },
];

/** What is going on, to be ended whatever happens. */
const running = new Set<Scope>();

/** Drills the rows that are named, or all but those on demand. @returns whether all held */
async function main(args: string[]): Promise<boolean> {
  const names = args.filter((arg) => arg !== '--all');
  const unknown = names.filter((name) => !ROWS.some(({ row }) => row === name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no row ${unknown.join(', ')}, only ${[...new Set(ROWS.map(({ row }) => row))].join(', ')}`,
    );
  }
  const isChosen = ({ row, isOnDemand }: Row) =>
    names.length > 0 ? names.includes(row) : !isOnDemand || args.includes('--all');
  const chosen = ROWS.filter(isChosen);
  const width = chosen.reduce((widest, { provoked }) => Math.max(widest, provoked.length), 'provoked'.length);
  const print = (row: string, provoked: string, held: string, took: string, figure: string) =>
    console.log(`${row.padEnd(8)} ${provoked.padEnd(width)}  ${held.padEnd(8)} ${took.padStart(6)}  ${figure}`);
  print('row', 'provoked', 'held', 'took', 'figure');
  let haveAllHeld = true;
  for (const row of chosen) {
    const began = performance.now();
    const { held, figure } = await provoke(row);
    print(
      row.row,
      row.provoked,
      held ? 'held' : 'NOT HELD',
      `${((performance.now() - began) / 1000).toFixed(0)} s`,
      figure,
    );
    haveAllHeld &&= held;
  }
  return haveAllHeld;
}

/** Drills one row in bounded time and leaves nothing of it behind. */
async function provoke({ drill, withinSeconds }: Row): Promise<Finding> {
  const scope = new Scope();
  running.add(scope);
  const timeout = new AbortController();
  const timedOut = delay(withinSeconds * 1000, undefined, { signal: timeout.signal }).then(
    () => ({ held: false, figure: `timed out after ${withinSeconds} s` }),
    () => ({ held: false, figure: 'ended' }),
  );
  const found = inScope(scope, drill).catch((error: unknown) => ({ held: false, figure: explain(error) }));
  const finding = await Promise.race([found, timedOut]);
  timeout.abort();
  await scope.end();
  running.delete(scope);
  return finding;
}

function explain(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: Buffer };
  return [message, stderr?.toString().trim()].filter(Boolean).join('\n');
}

async function endEarly(reason: unknown): Promise<void> {
  console.error(reason);
  for (const scope of running) await scope.end();
  process.exit(1);
}

let isEnding = false;
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection']) {
  process.on(event, (reason: unknown) => {
    if (!isEnding) void endEarly(reason);
    isEnding = true;
  });
}

main(process.argv.slice(2)).then(
  (haveAllHeld) => process.exit(haveAllHeld ? 0 : 1),
  (error: unknown) => endEarly(error instanceof Error ? error.message : error),
);
