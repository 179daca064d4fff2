import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Deployment } from './deployment.js';
import { seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import { until } from './process.js';
import type { Server } from './server.js';

const WORKERS = 4;
const LIMIT = 50;
const TRIES = 200;
const CLIENTS = 32;
const REPLACED_WITHIN_MS = 10_000;
const WARM_UP_MS = 3000;
/** A connection that was on its way to the killed worker is never answered. */
const PATIENCE_MS = 5000;

/** One of four workers is killed under load; limits are those of all together. */
export async function workerKilled(): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  const settings = { WORKERS: String(WORKERS), RATE_LIMIT_PROGRESS_READ: `${LIMIT}/minute` };
  const server = await deployment.serve(settings);
  if ((await until(() => server.workers.length === WORKERS, REPLACED_WITHIN_MS)) === null) {
    return { held: false, figure: `${server.workers.length} workers of ${WORKERS}` };
  }
  await warmUp(server);
  const limited = await countLimited(server);
  const [victim] = server.workers;
  const load = loadOn(await Learner.register(server.url));
  await delay(1000);
  const inFlight = load.inFlight;
  process.kill(victim, 'SIGKILL');
  const isReplaced = () => server.workers.length === WORKERS && !server.workers.includes(victim);
  const replaced = await until(isReplaced, REPLACED_WITHIN_MS);
  await delay(1000);
  await load.stop();
  const limitedAgain = await countLimited(server);

  const failed = load.times.length - load.statuses.of(200);
  const isExact = [limited, limitedAgain].every((one) => one.of(200) === LIMIT && one.hasOnly(200, 429));
  return {
    held: replaced !== null && failed <= inFlight && load.statuses.of(200) > 0 && isExact && server.isRunning,
    figure:
      `replaced after ${seconds(replaced)}, ${inFlight} in flight, ${load.statuses.toString()}; ` +
      `limit ${LIMIT}: ${limited.toString()}, after it ${limitedAgain.toString()}`,
  };
}

/** Until every worker has answered some requests: the first ones of a process take long. */
async function warmUp(server: Server): Promise<void> {
  const load = loadOn(await Learner.register(server.url));
  await delay(WARM_UP_MS);
  await load.stop();
}

/** What a new learner gets who asks more often than they may, each time on a new connection. */
async function countLimited(server: Server): Promise<Tally> {
  const learner = await Learner.register(server.url);
  const answers = Array.from({ length: TRIES }, () => learner.progress({ agent: new Agent() }));
  return Tally.counting((await Promise.all(answers)).map(({ status, failure }) => failure ?? status));
}

/** Clients that ask on new connections, so that every worker has some. */
function loadOn(learner: Learner): Load {
  const ask = () => learner.get('progress/me/courses', { agent: new Agent(), timeoutMs: PATIENCE_MS });
  return new Load(ask, { clients: CLIENTS });
}
