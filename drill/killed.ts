import { setTimeout as delay } from 'node:timers/promises';
import { Deployment, type Kind } from './deployment.js';
import { sum } from './figures.js';
import type { Finding } from './finding.js';
import { until } from './process.js';
import { halfWritten, Writers } from './writers.js';

const KILLS = 20;
const FIRST_ANSWER_MS = 5000;
const SHORTEST_MS = 50;
const LONGEST_MS = 900;

/** Kills the server again and again while clients write, and looks for what they were told is stored. */
export async function killUnderWrites(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve();
  const all: Writers[] = [];
  let half = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const writers = await Writers.start(server.url);
    // A server that has just been started may need a while for its first answers.
    await until(() => writers.acknowledged > 0, FIRST_ANSWER_MS);
    await delay(SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS));
    await server.kill();
    await writers.stop();
    await server.startAgain();
    half += await halfWritten(deployment);
    all.push(writers);
  }
  const lost = await Promise.all(all.map((writers) => writers.lost(deployment)));
  const acknowledged = sum(all.map((writers) => writers.acknowledged));
  const silent = all.filter((writers) => writers.acknowledged === 0).length;
  return {
    held: sum(lost) === 0 && half === 0 && silent === 0,
    figure:
      `${KILLS} kills, ${silent} of them before the first answer; ` +
      `${acknowledged} writes acknowledged, ${sum(lost)} lost, ${half} half-written`,
  };
}
