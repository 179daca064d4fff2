import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../bench/spread.js';
import { Deployment, type Kind } from './deployment.js';
import { millis, seconds, Tally } from './figures.js';
import { type Finding, ofBoth } from './finding.js';
import { Learner } from './learner.js';
import { until } from './process.js';
import { type Behaviour, Provider, silent } from './provider.js';

const ANSWER_WITHIN_MS = 45_000;
const AWAY_P99_MS = 50;
const ASKED_WHILE_AWAY = 200;
const OPENS_WITHIN_MS = 30_000;
/** The provider is left alone for 20 s. */
const BACK_WITHIN_MS = 30_000;
/** In a question whose answer is to drip. */
const DRIP = 'drip by drip';

/** Answers letter by letter, without an end. */
const dripping: Behaviour = (answer) => {
  answer.writeHead(200, { 'content-type': 'application/json' });
  const drops = setInterval(() => answer.write(' '), 500);
  answer.on('close', () => clearInterval(drops));
};
const failing: Behaviour = (answer) => void answer.writeHead(500).end();
const well: Behaviour = (answer) => {
  const found = {
    response: 'A type.',
    teaching_points: ['types'],
    follow_up_questions: ['Why?'],
    related_concepts: ['x'],
  };
  const message = { role: 'assistant', content: JSON.stringify(found) };
  const usage = { prompt_tokens: 900, completion_tokens: 200, total_tokens: 1100 };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  const body = { id: 'double', object: 'chat.completion', created: 1, model: 'double', choices, usage };
  answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** A learner whose plan has the mentor, and a server that asks the provider. */
async function prepare(kind: Kind, provider: Provider): Promise<Learner> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve(provider.settings);
  const learner = await Learner.register(server.url);
  await deployment.givePremium(learner);
  return learner;
}

/** The provider takes calls and does not answer, or begins to and never ends; on both databases at once. */
export async function modelStalls(): Promise<Finding> {
  return ofBoth(...(await Promise.all([stall('sqlite'), stall('postgres')])));
}

async function stall(kind: Kind): Promise<Finding> {
  const provider = await Provider.start((answer, prompt) =>
    prompt.includes(DRIP) ? dripping(answer, prompt) : silent(answer, prompt),
  );
  const learner = await prepare(kind, provider);
  const answers = await Promise.all([learner.askMentor(), learner.askMentor(`Explain ${DRIP}.`)]);
  const { used: charged } = await learner.mentorQuota();
  const areRefused = answers.every(({ status, ms }) => status === 503 && ms < ANSWER_WITHIN_MS);
  const told = answers.map(({ status, ms }) => `${status} after ${seconds(ms)}`);
  return {
    held: areRefused && charged === 0,
    figure: `silent: ${told[0]}, without an end: ${told[1]}; ${provider.calls} calls, ${charged} charged`,
  };
}

/** The provider fails always, until it is left alone; later it is well again. */
export async function modelIsDead(kind: Kind): Promise<Finding> {
  const provider = await Provider.start(failing);
  const learner = await prepare(kind, provider);
  const isOpen = async () => {
    const before = provider.calls;
    return (await learner.askMentor()).status === 503 && provider.calls === before;
  };
  const opened = await until(isOpen, OPENS_WITHIN_MS);
  const calls = provider.calls;
  const [statuses, times] = [new Tally(), [] as number[]];
  for (let time = 0; time < ASKED_WHILE_AWAY; time++) {
    const { status, ms } = await learner.askMentor();
    statuses.add(status);
    times.push(ms);
  }
  const askedMeanwhile = provider.calls - calls;
  provider.behave = well;
  const back = await until(async () => {
    await delay(200);
    return (await learner.askMentor()).status === 200;
  }, BACK_WITHIN_MS);
  const { used: charged } = await learner.mentorQuota();
  const p99 = quantile(times, 0.99);
  const isLeftAlone = statuses.hasOnly(503) && askedMeanwhile === 0 && p99 < AWAY_P99_MS;
  return {
    held: opened !== null && isLeftAlone && back !== null && charged === 1,
    figure:
      `left alone after ${calls} calls; then ${statuses.toString()}, p50 ${millis(quantile(times, 0.5))}, ` +
      `p99 ${millis(p99)}, ${askedMeanwhile} calls; answers ${seconds(back)} after it is well; ${charged} charged`,
  };
}
