import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask } from '../bench/client.js';
import { quantile } from '../bench/spread.js';
import { Deployment, type Kind } from './deployment.js';
import { millis, percent } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import { until } from './process.js';
import { COURSE, freeChapters } from './sample-course.js';
import type { Server } from './server.js';
import { type Sample, type Trend, trendOf } from './trend.js';

/** Fewer say little: what a few minutes add is extrapolated to an hour. */
export const SOAK_MINUTES = Number(process.env.DRILL_SOAK_MINUTES ?? 20);
const LOOK_EVERY_MS = 10_000;
const CLIENTS = 4;
const PAUSE_MS = 30;
/** Always the same, as caches of learners may fill. */
const LEARNERS = 50;
/** What an hour may add, as a share of the mean. */
const GROWTH_PER_HOUR = 0.1;
const RESIDENT = 'resident MB';

/** Learners read, search, submit and complete for as many minutes as DRILL_SOAK_MINUTES says: does anything grow? */
export async function soak(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve({ NODE_OPTIONS: `--require ${join(__dirname, 'probe.js')}` });
  const load = new Load(await studies(server.url), { clients: CLIENTS, pauseMs: PAUSE_MS });
  const measured: Record<string, Sample[]> = { 'heap MB': [], [RESIDENT]: [], files: [], resources: [] };
  const began = performance.now();
  while (performance.now() - began < SOAK_MINUTES * 60_000) {
    await delay(LOOK_EVERY_MS);
    const { heap, resources } = await held(server);
    const values = { 'heap MB': heap, [RESIDENT]: server.residentMegabytes, files: server.openFiles, resources };
    const at = (performance.now() - began) / 3_600_000;
    for (const [name, value] of Object.entries(values)) measured[name].push({ at, value });
  }
  await load.stop();

  // What is resident is told alone: V8 and malloc keep pages long after they need them.
  const trends = Object.entries(measured).map(([name, all]) => ({
    name,
    trend: trendOf(all.slice(Math.floor(all.length / 2))),
  }));
  const isSound = load.statuses.hasOnly(200) && server.isRunning;
  return {
    held: isSound && trends.every(({ name, trend }) => name === RESIDENT || isFlat(trend)),
    figure:
      `${SOAK_MINUTES} min: ${load.statuses.toString()}, p99 ${millis(quantile(load.times, 0.99))}; ` +
      trends.map(({ name, trend }) => `${name} ${describe(trend)}`).join('; '),
  };
}

/** What learners do in turn. */
async function studies(url: string): Promise<() => Promise<Answer>> {
  const chapters = await freeChapters(url);
  const learners: Learner[] = [];
  while (learners.length < LEARNERS) learners.push(await Learner.register(url));
  const acts: ((learner: Learner, chapter: string) => Promise<Answer>)[] = [
    () => ask(`${url}/api/v1/courses/${COURSE}/chapters`),
    (learner, chapter) => learner.get(`chapters/${chapter}`),
    (learner) => learner.submit(),
    (learner, chapter) => learner.complete(chapter),
    (learner) => learner.progress(),
    () => ask(`${url}/api/v1/search?q=protocol`),
    (learner) => learner.get('auth/me'),
    () => ask(`${url}/health/ready`),
  ];
  let turn = 0;
  return () => {
    const [act, learner] = [acts[turn % acts.length], learners[Math.floor(turn / acts.length) % LEARNERS]];
    const chapter = chapters[turn % chapters.length];
    turn++;
    return act(learner, chapter);
  };
}

interface Held {
  heap: number;
  resources: number;
}

/** What the server tells of itself when it is asked, see probe.ts. */
async function held(server: Server): Promise<Held> {
  const told = () => server.log.split('\n').filter((line) => line.startsWith('{"heap"'));
  const before = told().length;
  server.signal('SIGUSR2');
  await until(() => told().length > before, 5000);
  return JSON.parse(told().at(-1) ?? '') as Held;
}

/** Whether it is not shown to grow: what may be chance is no growth. */
function isFlat({ perHour, error }: Trend): boolean {
  return perHour - error < GROWTH_PER_HOUR;
}

function describe({ mean, perHour, error }: Trend): string {
  return `${mean.toFixed(0)}, ${perHour < 0 ? '' : '+'}${percent(perHour)} ± ${percent(error)} an hour`;
}
