import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compare } from './load.js';
import { command, launch, register, stop } from './processes.js';

const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
const STORES: [string, NodeJS.ProcessEnv][] = [
  ['in memory', {}],
  ['in Redis', { REDIS_URL, REDIS_PREFIX: `course-companion-bench:${process.pid}:` }],
];

/** What the limits cost an authenticated request: the same route with them and without. */
export async function limits(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-bench-'));
  const databaseUrl = `sqlite:${join(folder, 'bench.db')}`;
  command(['migrate'], databaseUrl);
  for (const [store, settings] of STORES) {
    const server = await launch('bench/limited.js', [], databaseUrl, settings);
    const { authorization } = await register(server.url);
    await delay(500);
    const headers = { authorization };
    const ours = { url: `${server.url}/api/v1/bench`, headers };
    await compare(`limits ${store}`, ours, { url: `${server.url}/health/bench`, headers });
    await stop(server);
  }
  rmSync(folder, { recursive: true });
}
