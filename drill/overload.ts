import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask } from '../bench/client.js';
import { quantile } from '../bench/spread.js';
import { Deployment, type Kind } from './deployment.js';
import { millis, most, percent, seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { type Flooded, NOT_OFFERED } from './flood.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import { Process } from './process.js';
import { COURSE } from './sample-course.js';
import { temporaryFolder } from './scope.js';

const CAPACITY_MS = 8000;
const CAPACITY_CLIENTS = 32;
const OVERLOAD_MS = 20_000;
const FACTOR = 3;
const P99_MS = 1500;
const LIVE_MS = 1000;
const MEMORY_GROWTH = 1.5;
const BACK_WITHIN_MS = 2000;
/** A heap so small that V8 leaves no garbage lying: what grows is held by something. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=128' };

/** What is asked for again and again; it reads the database. */
export interface Wanted {
  path: string;
  /** How many may find no connection of the flood's free, as a share of those that are answered. */
  mostNotOffered: number;
  /** How much of its capacity the server must have left for those it accepts. */
  leastAccepted: number;
}

/** Takes some fifty times as long as to be refused. */
export const SEARCHES: Wanted = { path: 'search?q=type', mostNotOffered: 0.1, leastAccepted: 0.5 };
/**
 * Takes so little longer than to be refused that three times as many cannot even be that: the rest finds no connection.
 */
export const QUICK_READS: Wanted = {
  path: `progress/me/courses/${COURSE}`,
  mostNotOffered: Infinity,
  leastAccepted: 0.2,
};

/** Three times the requests that the server can answer, whether it answers or not. */
export async function overload(kind: Kind, { path, mostNotOffered, leastAccepted }: Wanted): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve(SMALL_HEAP);
  const learner = await Learner.register(server.url);
  const capacity = await measureCapacity(() => learner.get(path));
  const before = server.residentMegabytes;

  const memory: number[] = [];
  const watch = setInterval(() => {
    if (server.isRunning) memory.push(server.residentMegabytes);
  }, 250);
  const live = new Load(() => ask(`${server.url}/health/live`, { agent: new Agent() }), { pauseMs: 100 });
  const flooded = await flood(`${server.url}/api/v1/${path}`, learner, FACTOR * capacity).finally(() =>
    clearInterval(watch),
  );
  await live.stop();
  const after = await learner.progress();

  const statuses = new Tally(Object.entries(flooded.statuses));
  const growth = most(memory) / before;
  const accepted = statuses.of(200) / ((OVERLOAD_MS / 1000) * capacity);
  const isOffered = statuses.of(NOT_OFFERED) < mostNotOffered * (statuses.of(200) + statuses.of(503));
  const hasShed = accepted > leastAccepted && statuses.of(503) > 0 && statuses.hasOnly(200, 503, NOT_OFFERED);
  const sheds = isOffered && hasShed && flooded.p99Ms < P99_MS;
  const isAlive = live.statuses.hasOnly(200) && quantile(live.times, 0.99) < LIVE_MS && growth < MEMORY_GROWTH;
  return {
    held: sheds && isAlive && after.status === 200 && after.ms < BACK_WITHIN_MS && server.isRunning,
    figure:
      `capacity ${capacity.toFixed(0)}/s, offered ${(FACTOR * capacity).toFixed(0)}/s: ${statuses.toString()}; ` +
      `accepted ${percent(accepted)} of the capacity, p99 ${millis(flooded.p99Ms)}; memory ×${growth.toFixed(2)}; live ${live.statuses.toString()}, p99 ` +
      `${millis(quantile(live.times, 0.99))}, most ${millis(most(live.times))}; after it ${after.status} in ${seconds(after.ms)}`,
  };
}

/** Requests per second that clients get answered who wait for their answers. */
async function measureCapacity(request: () => Promise<Answer>): Promise<number> {
  const warmUp = new Load(request, { clients: CAPACITY_CLIENTS });
  await delay(CAPACITY_MS / 4);
  await warmUp.stop();
  const began = performance.now();
  const load = new Load(request, { clients: CAPACITY_CLIENTS });
  await delay(CAPACITY_MS);
  await load.stop();
  return load.statuses.of(200) / ((performance.now() - began) / 1000);
}

/** Floods from a process of its own, see flood.ts. */
async function flood(url: string, { authorization }: Learner, perSecond: number): Promise<Flooded> {
  const folder = temporaryFolder();
  const flooding = new Process(
    process.execPath,
    [join(__dirname, 'flood.js'), url, authorization, String(perSecond), String(OVERLOAD_MS)],
    { cwd: folder, env: { PATH: process.env.PATH }, log: join(folder, 'log') },
  );
  if ((await flooding.exited) !== 0) throw new Error(`The flood failed:\n${flooding.tail}`);
  return JSON.parse(flooding.log) as Flooded;
}
