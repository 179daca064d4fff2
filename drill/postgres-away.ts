import { setTimeout as delay } from 'node:timers/promises';
import { ask, outcomeOf } from '../bench/client.js';
import { Deployment } from './deployment.js';
import { millis, most, seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { until } from './process.js';
import { freeChapters } from './sample-course.js';
import { Server } from './server.js';
import { halfWritten, Writers } from './writers.js';

const AWAY_MS = 4000;
const BACK_WITHIN_MS = 5000;
/** One try takes so long at the most; longer would not be "at once". */
const NEEDS_DATABASE_WITHIN_MS = 6000;

/** PostgreSQL is gone at once, as in a crash, while learners are at work, and comes back. */
export async function postgresStops(): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  const server = await deployment.serve();
  const learner = await Learner.register(server.url);
  const [chapter] = await freeChapters(server.url);
  const writers = await Writers.start(server.url, 4);
  await delay(1000);

  await deployment.postgres.stopImmediately();
  const away = await askWhileAway(server, learner, chapter);
  await deployment.postgres.start();
  const back = await until(async () => (await learner.complete(chapter)).status === 200, 2 * BACK_WITHIN_MS);
  const ready = await server.answers('/health/ready', 2 * BACK_WITHIN_MS);
  await delay(1000);
  await writers.stop();
  const [lost, half] = [await writers.lost(deployment), await halfWritten(deployment)];

  const isBack = back !== null && back < BACK_WITHIN_MS && ready !== null && back + ready < BACK_WITHIN_MS;
  const isWhole = lost === 0 && half === 0 && writers.acknowledged > 0 && writers.statuses.hasOnly(200, 503);
  return {
    held: away.held && isBack && isWhole && server.isRunning,
    figure:
      `${away.figure}; writes again ${seconds(back)} after it is back; ` +
      `writers: ${writers.statuses.toString()}, ${lost} lost, ${half} half-written`,
  };
}

/** What is answered without the database, for some seconds. */
async function askWhileAway(server: Server, learner: Learner, chapter: string): Promise<Finding> {
  const [needs, live, ready] = [new Tally(), new Tally(), new Tally()];
  const times: number[] = [];
  for (const end = performance.now() + AWAY_MS; performance.now() < end; await delay(100)) {
    const answers = await Promise.all([learner.complete(chapter), learner.progress(), learner.submit()]);
    for (const answer of answers) {
      needs.add(outcomeOf(answer));
      times.push(answer.ms);
    }
    live.add((await ask(`${server.url}/health/live`)).status);
    ready.add((await ask(`${server.url}/health/ready`)).status);
  }
  return {
    held:
      needs.hasOnly('503 + Retry-After') &&
      most(times) < NEEDS_DATABASE_WITHIN_MS &&
      live.hasOnly(200) &&
      ready.hasOnly(503),
    figure:
      `away: ${needs.toString()}, longest ${millis(most(times))}; ` +
      `live ${live.toString()}, ready ${ready.toString()}`,
  };
}

/** The application is started first, PostgreSQL later. */
export async function postgresComesLater(): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  await deployment.postgres.stopImmediately();
  const server = await Server.start(deployment.settings);
  const [live, ready] = [new Tally(), new Tally()];
  for (const end = performance.now() + AWAY_MS; performance.now() < end; await delay(200)) {
    live.add((await ask(`${server.url}/health/live`)).status);
    ready.add((await ask(`${server.url}/health/ready`)).status);
  }
  await deployment.postgres.start();
  const connected = await server.answers('/health/ready', 2 * BACK_WITHIN_MS);
  const isUsable = (await Learner.tryToRegister(server.url)) instanceof Learner;
  return {
    held: live.hasOnly(200) && ready.hasOnly(503) && connected !== null && connected < BACK_WITHIN_MS && isUsable,
    figure: `away: live ${live.toString()}, ready ${ready.toString()}; ready ${seconds(connected)} after it is there`,
  };
}

/** Its backends are ended one after the other while clients write. */
export async function backendsKilled(): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  const server = await deployment.serve();
  const writers = await Writers.start(server.url);
  const killed = await deployment.postgres.connect(async (client) => {
    let count = 0;
    for (const end = performance.now() + 2 * AWAY_MS; performance.now() < end; await delay(50)) {
      const { rowCount } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'course-companion' ORDER BY random() LIMIT 3`,
      );
      count += rowCount ?? 0;
    }
    return count;
  });
  await writers.stop();
  const calm = await Writers.start(server.url);
  await delay(1000);
  await calm.stop();
  const lost = (await writers.lost(deployment)) + (await calm.lost(deployment));
  const half = await halfWritten(deployment);
  const isRefilled = calm.acknowledged > 0 && calm.statuses.hasOnly(200);
  return {
    held:
      killed > 0 && server.isRunning && writers.statuses.hasOnly(200, 503) && isRefilled && lost === 0 && half === 0,
    figure:
      `${killed} backends ended; writers: ${writers.statuses.toString()}, after it ${calm.statuses.toString()}; ` +
      `${lost} lost, ${half} half-written`,
  };
}
