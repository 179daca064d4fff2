import { backup } from './backup.js';
import { keptBeforePrism } from './contract.js';
import { diskFull } from './disk-full.js';
import { type Kind, KIND_NAMES } from './deployment.js';
import type { Finding } from './finding.js';
import { hostileSearches } from './hostile-searches.js';
import { killUnderWrites } from './killed.js';
import { poolStarved, sqliteBusy } from './locked.js';
import { loginTimes } from './logins.js';
import { modelIsDead, modelStalls } from './model-fails.js';
import { killedInModelCall } from './orphaned.js';
import { overload, QUICK_READS, SEARCHES } from './overload.js';
import { pointInTime } from './point-in-time.js';
import { backendsKilled, postgresComesLater, postgresStops } from './postgres-away.js';
import { redisFails } from './redis-away.js';
import { sharedCache } from './shared-cache.js';
import { terminated } from './shutdown.js';
import { slowClients } from './slow-clients.js';
import { soak, SOAK_MINUTES } from './soak.js';
import { workerKilled } from './workers.js';

export interface Drill {
  /**
   * Its name: the number of the fault in docs/reliability.md, the same wherever it is provoked; a word where it stands
   * in no row.
   */
  row: string;
  provoked: string;
  drill: () => Promise<Finding>;
  /** After so many seconds it has not held. */
  withinSeconds: number;
  /** Drilled only where it is named, or with --all: it is long, or needs the package registry. */
  isOnDemand?: true;
}

/** The same on SQLite and on PostgreSQL, one after the other. */
function onEach({
  drill,
  provoked,
  ...rest
}: Omit<Drill, 'drill'> & { drill: (kind: Kind) => Promise<Finding> }): Drill[] {
  return (['sqlite', 'postgres'] as const).map((kind) => ({
    ...rest,
    provoked: `${provoked}, ${KIND_NAMES[kind]}`,
    drill: () => drill(kind),
  }));
}

const SOAK_SECONDS = SOAK_MINUTES * 60 + 120;

/** Those that take minutes come last. */
export const DRILLS: Drill[] = [
  { row: '5', provoked: 'a model that stalls', drill: modelStalls, withinSeconds: 120 },
  ...onEach({ row: '8', provoked: 'a dead model', drill: modelIsDead, withinSeconds: 120 }),
  ...onEach({ row: '9', provoked: 'kill -9 under writes', drill: killUnderWrites, withinSeconds: 240 }),
  { row: '10', provoked: 'PostgreSQL stops and comes back', drill: postgresStops, withinSeconds: 90 },
  { row: '11', provoked: 'backends ended under writes', drill: backendsKilled, withinSeconds: 90 },
  { row: '13', provoked: 'another process holds the lock, SQLite', drill: sqliteBusy, withinSeconds: 60 },
  { row: '14', provoked: 'PostgreSQL away at start', drill: postgresComesLater, withinSeconds: 90 },
  { row: '15', provoked: 'Redis is killed under load', drill: () => redisFails('killed'), withinSeconds: 90 },
  { row: '15', provoked: 'Redis freezes under load', drill: () => redisFails('frozen'), withinSeconds: 90 },
  { row: '16', provoked: 'pool of 2, both held', drill: poolStarved, withinSeconds: 60 },
  ...onEach({ row: '17', provoked: 'SIGTERM under load', drill: terminated, withinSeconds: 60 }),
  ...onEach({
    row: '18',
    provoked: '3 × capacity, searches',
    drill: (kind) => overload(kind, SEARCHES),
    withinSeconds: 120,
  }),
  ...onEach({
    row: '18',
    provoked: '3 × capacity, quick reads',
    drill: (kind) => overload(kind, QUICK_READS),
    withinSeconds: 120,
  }),
  { row: '19', provoked: '200 slow clients', drill: slowClients, withinSeconds: 90 },
  ...onEach({ row: '20', provoked: 'disk full', drill: diskFull, withinSeconds: 120 }),
  ...onEach({ row: '31', provoked: 'failed logins', drill: loginTimes, withinSeconds: 120 }),
  ...onEach({ row: '35', provoked: 'hostile searches', drill: hostileSearches, withinSeconds: 120 }),
  { row: 'workers', provoked: 'kill -9 of one of 4 workers', drill: workerKilled, withinSeconds: 90 },
  ...onEach({ row: '23', provoked: 'wiped and restored from a backup', drill: backup, withinSeconds: 120 }),
  { row: '23', provoked: 'server lost, recovered to a moment', drill: pointInTime, withinSeconds: 180 },
  { row: '41', provoked: 'a shared cache before the service', drill: sharedCache, withinSeconds: 240 },
  { row: '7', provoked: 'kill -9 in a model call', drill: killedInModelCall, withinSeconds: 400 },
  { row: '42', provoked: 'the demos before Prism', drill: keptBeforePrism, withinSeconds: 300, isOnDemand: true },
  ...onEach({ row: '24', provoked: 'soak', drill: soak, withinSeconds: SOAK_SECONDS, isOnDemand: true }),
];
