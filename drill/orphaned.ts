import { setTimeout as delay } from 'node:timers/promises';
import { Deployment, type Kind } from './deployment.js';
import { seconds } from './figures.js';
import { type Finding, ofBoth } from './finding.js';
import { Learner } from './learner.js';
import { until } from './process.js';
import { Provider, silent } from './provider.js';

const RELEASED_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 1000;
const QUOTA = 2;

/** The server is killed while it waits for a model; on both databases at once, as the row takes minutes. */
export async function killedInModelCall(): Promise<Finding> {
  const [sqlite, postgres] = [await orphan('sqlite'), await orphan('postgres')];
  return ofBoth(...(await Promise.all([sqlite(), postgres()])));
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
  await deployment.givePremium(learner);
  const asked = learner.askMentor();
  await Promise.race([
    provider.isAsked,
    asked.then(({ text }) => Promise.reject(new Error(`No model was asked: ${text}`))),
  ]);
  await server.kill();
  const killed = performance.now();
  await asked;
  await server.startAgain();
  const { remaining } = await learner.mentorQuota();
  return async () => {
    const isReleased = async () => {
      await delay(LOOK_EVERY_MS);
      return (await learner.mentorQuota()).remaining === QUOTA;
    };
    const waited = await until(isReleased, RELEASED_WITHIN_MS);
    const took = waited === null ? null : performance.now() - killed;
    const [{ state }] = await deployment.query<{ state: string }>('SELECT state FROM llm_calls');
    return {
      held: remaining === QUOTA - 1 && took !== null && took < RELEASED_WITHIN_MS && state === 'unknown',
      figure: `${remaining} of ${QUOTA} left, released after ${seconds(took)} as ${state}`,
    };
  };
}
