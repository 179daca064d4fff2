import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './client.js';
import { Deployment, type Kind } from './deployment.js';
import { millis, most, quantile, seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import type { Server } from './server.js';

const CAPACITY_MS = 8000;
const CAPACITY_CLIENTS = 32;
const OVERLOAD_MS = 20_000;
const FACTOR = 3;
const TICK_MS = 10;
const P99_MS = 1000;
const LIVE_MS = 1000;
const MEMORY_GROWTH = 1.5;
const BACK_WITHIN_MS = 2000;
/** More than this waits only for a server that sheds nothing; to go on would measure the drill. */
const MAX_IN_FLIGHT = 3000;

/** Three times the requests that the server can answer, whether it answers or not, each of which reads the database. */
export async function overload(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve();
  const learner = await Learner.register(server.url);
  const capacity = await measureCapacity(learner);
  const before = server.residentMegabytes;

  const live = new Load(() => ask(`${server.url}/health/live`, { agent: new Agent() }), { pauseMs: 100 });
  const offered = await offer(learner, server, FACTOR * capacity);
  await live.stop();
  const began = performance.now();
  const after = await learner.progress();
  const back = performance.now() - began;

  const { accepted, statuses, peakMegabytes } = offered;
  const p99 = quantile(accepted, 0.99);
  const growth = peakMegabytes / before;
  const sheds = statuses.of(503) > 0 && accepted.length > 0 && statuses.hasOnly(200, 503) && p99 < P99_MS;
  const isAlive = live.statuses.hasOnly(200) && most(live.times) < LIVE_MS && growth < MEMORY_GROWTH;
  return {
    held: sheds && isAlive && after.status === 200 && back < BACK_WITHIN_MS && server.isRunning,
    figure:
      `capacity ${capacity.toFixed(0)}/s, offered ${(FACTOR * capacity).toFixed(0)}/s: ${statuses.toString()}; ` +
      `accepted p99 ${millis(p99)}; memory ×${growth.toFixed(2)}; live ${live.statuses.toString()}, most ` +
      `${millis(most(live.times))}; after it ${after.status} in ${seconds(back)}`,
  };
}

/** Requests per second that clients get answered who wait for their answers. */
async function measureCapacity(learner: Learner): Promise<number> {
  const warmUp = new Load(() => learner.progress(), { clients: CAPACITY_CLIENTS });
  await delay(CAPACITY_MS / 4);
  await warmUp.stop();
  const began = performance.now();
  const load = new Load(() => learner.progress(), { clients: CAPACITY_CLIENTS });
  await delay(CAPACITY_MS);
  await load.stop();
  return load.statuses.of(200) / ((performance.now() - began) / 1000);
}

interface Offered {
  statuses: Tally;
  /** How long each 200 took, in milliseconds. */
  accepted: number[];
  peakMegabytes: number;
}

/** Sends so many requests a second and waits for none of them before the next. */
async function offer(learner: Learner, server: Server, perSecond: number): Promise<Offered> {
  const agent = new Agent({ keepAlive: true });
  const offered: Offered = { statuses: new Tally(), accepted: [], peakMegabytes: 0 };
  const pending = new Set<Promise<void>>();
  const send = async () => {
    const { status, failure, headers, ms } = await learner.progress({ agent, timeoutMs: 15_000 });
    const isAskedBack = status !== 503 || headers['retry-after'] !== undefined;
    offered.statuses.add(isAskedBack ? (failure ?? status) : '503 without Retry-After');
    if (status === 200) offered.accepted.push(ms);
  };
  const began = performance.now();
  for (let sent = 0; performance.now() - began < OVERLOAD_MS; await delay(TICK_MS)) {
    for (const due = ((performance.now() - began) / 1000) * perSecond; sent < due; sent++) {
      if (pending.size >= MAX_IN_FLIGHT) {
        offered.statuses.add('waiting in vain');
        continue;
      }
      const asked = send().finally(() => pending.delete(asked));
      pending.add(asked);
    }
    offered.peakMegabytes = Math.max(offered.peakMegabytes, server.residentMegabytes);
  }
  await Promise.all(pending);
  agent.destroy();
  return offered;
}
