import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask } from '../bench/client.js';
import { quantile } from '../bench/spread.js';
import { Deployment } from './deployment.js';
import { millis, seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { Load } from './load.js';
import { until } from './process.js';

const AWAY_MS = 8000;
const P99_MS = 500;
const BACK_WITHIN_MS = 15_000;
const LIMIT = 20;
const QUOTA = 2;
const TRIES = 50;
const SETTINGS = { RATE_LIMIT_PROGRESS_LIST: `${LIMIT}/minute`, RATE_LIMIT_QUOTA_MENTOR_SESSION: `${QUOTA}/day` };

/**
 * Redis is killed, or stops answering, under load. The process counts limits by itself then; quotas are counted in the
 * database, with Redis and without.
 */
export async function redisFails(how: 'killed' | 'frozen'): Promise<Finding> {
  const deployment = await Deployment.prepare('postgres');
  const { redis } = deployment;
  const server = await deployment.serve(SETTINGS);
  const [learner, premium] = [await Learner.register(server.url), await Learner.register(server.url)];
  await deployment.givePremium(premium);
  const { status: before } = await premium.askMentor();

  const load = new Load(() => learner.progress(), { clients: 4, pauseMs: 20 });
  await delay(200);
  if (how === 'killed') await redis.kill();
  else redis.freeze();
  await delay(AWAY_MS / 4);
  const limited = await together(() => learner.get('progress/me/courses'), TRIES);
  const mentored = await together(() => premium.askMentor(), TRIES);
  await delay(AWAY_MS / 2);
  await load.stop();
  if (how === 'killed') await redis.start();
  else redis.thaw();
  const isUp = async () => {
    const { text } = await ask(`${server.url}/health`);
    return (JSON.parse(text) as { details: { redis: { status: string } } }).details.redis.status === 'up';
  };
  const back = await until(isUp, BACK_WITHIN_MS);

  const p99 = quantile(load.times, 0.99);
  const isExact = before === 200 && mentored.of(200) === QUOTA - 1 && mentored.hasOnly(200, 429);
  const isLimited = limited.of(200) === LIMIT && limited.hasOnly(200, 429);
  return {
    held: p99 < P99_MS && load.statuses.hasOnly(200) && isLimited && isExact && back !== null && server.isRunning,
    figure:
      `${load.statuses.toString()}, p99 ${millis(p99)}; limit ${LIMIT}: ${limited.toString()}; ` +
      `quota ${QUOTA - 1} left: ${mentored.toString()}; used again after ${seconds(back)}`,
  };
}

async function together(send: () => Promise<Answer>, times: number): Promise<Tally> {
  return Tally.counting((await Promise.all(Array.from({ length: times }, send))).map(({ status }) => status));
}
