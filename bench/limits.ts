import { setTimeout as delay } from 'node:timers/promises';
import { inTurns } from './load/in-turns.js';
import { authorizationOf } from './population/learners.js';
import { launch, stop } from './processes.js';
import type { Run } from './run.js';
import { SIZE } from './settings.js';
import { spreadOf, writeSpread } from './spread.js';

const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
const STORES: [string, NodeJS.ProcessEnv][] = [
  ['in memory', {}],
  ['in Redis', { REDIS_URL, REDIS_PREFIX: `course-companion-bench:${process.pid}:` }],
];

/** What the limits cost an authenticated request: the same route of the same server with them and without. */
export async function limits({ populated, effort }: Run): Promise<void> {
  const database = await populated('SQLite', SIZE);
  console.log('\nlimits: requests/s with them as a share of those without');
  for (const [store, settings] of STORES) {
    const server = await launch('bench/limits-server.js', database, { settings });
    await delay(500);
    const headers = { authorization: authorizationOf(0) };
    const paths = ['/api/v1/bench', '/health/bench'];
    const requests = { isRepeatable: true, of: (index: number) => [{ path: paths[index], headers }] };
    const measured = await inTurns({ name: `limits ${store}`, requests }, [server, server], database.folder, effort);
    const ratio = spreadOf(measured.map(([limited, free]) => limited.perSecond / free.perSecond));
    console.log(`${store.padEnd(30)}${writeSpread(ratio)}`);
    await stop(server);
  }
}
