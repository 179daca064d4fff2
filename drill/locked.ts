import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask, outcomeOf } from '../bench/client.js';
import { quantile } from '../bench/spread.js';
import { Deployment } from './deployment.js';
import { millis, most, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import { freeChapters } from './sample-course.js';

const BUSY_MS = 10_000;
const ACQUIRE_MS = 2000;
/** What a wait may take beyond its time-out. */
const SLACK_MS = 1000;
const LIVE_MS = 50;
const WRITES = 10;
const REFUSED = '503 + Retry-After';

/** Another process holds SQLite's write lock for longer than anybody waits for it. */
export async function sqliteBusy(): Promise<Finding> {
  const deployment = await Deployment.prepare('sqlite');
  const server = await deployment.serve({ DATABASE_ACQUIRE_TIMEOUT_MS: String(ACQUIRE_MS) });
  const learner = await Learner.register(server.url);
  const [chapter] = await freeChapters(server.url);
  const release = await deployment.lockWrites();
  const released = delay(BUSY_MS).then(release);
  const live = new Load(() => ask(`${server.url}/health/live`), { pauseMs: 20 });
  const reads = new Load(() => learner.progress(), { pauseMs: 100 });
  const refused: Answer[] = [];
  for (const end = performance.now() + BUSY_MS - ACQUIRE_MS - SLACK_MS; performance.now() < end; await delay(100)) {
    refused.push(...(await Promise.all(Array.from({ length: WRITES }, () => learner.complete(chapter)))));
  }
  await released;
  await Promise.all([live.stop(), reads.stop()]);
  const after = await learner.complete(chapter);

  const longest = most(refused.map(({ ms }) => ms));
  const p99 = quantile(live.times, 0.99);
  const isFree = p99 < LIVE_MS && live.statuses.hasOnly(200) && reads.statuses.hasOnly(200);
  return {
    held: tallyOf(refused).hasOnly(REFUSED) && longest < ACQUIRE_MS + SLACK_MS && isFree && after.status === 200,
    figure:
      `writes ${tallyOf(refused).toString()}, longest ${millis(longest)} of ${ACQUIRE_MS}; ` +
      `live ${live.statuses.toString()}, p99 ${millis(p99)}, most ${millis(most(live.times))}; ` +
      `reads ${reads.statuses.toString()}; after it ${after.status}`,
  };
}

/** Two requests hold both connections of the pool for seconds; others want one. */
export async function poolStarved(): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  const settings = { DATABASE_POOL_MAX: '2', DATABASE_ACQUIRE_TIMEOUT_MS: String(ACQUIRE_MS) };
  const server = await deployment.serve(settings);
  const learner = await Learner.register(server.url);
  const [chapter] = await freeChapters(server.url);
  const release = await deployment.lockWrites();
  const holders = [learner.complete(chapter), learner.complete(chapter)];
  await delay(300);
  const live = new Load(() => ask(`${server.url}/health/live`), { pauseMs: 20 });
  const refused = await Promise.all(Array.from({ length: WRITES }, () => learner.submit()));
  await live.stop();
  await release();
  const held = await Promise.all(holders);
  const after = await learner.submit();

  const times = refused.map(({ ms }) => ms);
  const [shortest, longest] = [Math.min(...times), most(times)];
  const isOnTime = shortest > ACQUIRE_MS - SLACK_MS && longest < ACQUIRE_MS + SLACK_MS;
  const isBack = after.status === 200 && held.every(({ status }) => status === 200);
  return {
    held: tallyOf(refused).hasOnly(REFUSED) && isOnTime && live.statuses.hasOnly(200) && isBack,
    figure:
      `${tallyOf(refused).toString()} after ${millis(shortest)} to ${millis(longest)} of ${ACQUIRE_MS}; ` +
      `live ${live.statuses.toString()}, p99 ${millis(quantile(live.times, 0.99))}; ` +
      `who held them ${tallyOf(held).toString()}, after it ${after.status}`,
  };
}

function tallyOf(answers: Answer[]): Tally {
  return Tally.counting(answers.map(outcomeOf));
}
