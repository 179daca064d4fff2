import { setTimeout as delay } from 'node:timers/promises';
import { Deployment, type Kind } from './deployment.js';
import { seconds } from './figures.js';
import type { Finding } from './finding.js';
import { COURSE, Learner } from './learner.js';
import { until } from './process.js';
import { Provider, silent } from './provider.js';

const RELEASED_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 1000;
const QUOTA = 2;

/** The server is killed while it waits for a model; on both databases at once, as the row takes minutes. */
export async function killedInModelCall(): Promise<Finding> {
  const found = [await orphan('sqlite'), await orphan('postgres')];
  const released = await Promise.all(found.map((wait) => wait()));
  return {
    held: released.every(({ held }) => held),
    figure: `SQLite: ${released[0].figure}; PostgreSQL: ${released[1].figure}`,
  };
}

/** Leaves a reservation behind. @returns what waits for its release */
async function orphan(kind: Kind): Promise<() => Promise<Finding>> {
  const deployment = await Deployment.prepare(kind);
  const provider = await Provider.start(silent);
  const server = await deployment.serve({
    ...provider.settings,
    RATE_LIMIT_QUOTA_MENTOR_SESSION: `${QUOTA}/day`,
  });
  const learner = await Learner.register(server.url);
  await deployment.command(['subscriptions', 'set', learner.email, 'premium']);
  await delay(1500);
  const asked = learner.post('hybrid/mentor-session', { course_id: COURSE, question: 'What is a type?' });
  await Promise.race([
    provider.isAsked,
    asked.then(({ text }) => Promise.reject(new Error(`No model was asked: ${text}`))),
  ]);
  await server.kill();
  const killed = performance.now();
  await asked;
  await server.startAgain();
  const taken = await remaining(learner);
  return async () => {
    const isReleased = async () => {
      await delay(LOOK_EVERY_MS);
      return (await remaining(learner)) === QUOTA;
    };
    const waited = await until(isReleased, RELEASED_WITHIN_MS);
    const took = waited === null ? null : performance.now() - killed;
    const [{ state }] = await deployment.query<{ state: string }>('SELECT state FROM llm_calls');
    return {
      held: taken === QUOTA - 1 && took !== null && took < RELEASED_WITHIN_MS && state === 'unknown',
      figure: `${taken} of ${QUOTA} left, released after ${seconds(took)} as ${state}`,
    };
  };
}

async function remaining(learner: Learner): Promise<number> {
  const { text } = await learner.get('hybrid/usage/me');
  return (JSON.parse(text) as { quotas: { mentor_sessions: { remaining: number } } }).quotas.mentor_sessions.remaining;
}
