import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../bench/client.js';
import { Deployment, type Kind } from './deployment.js';
import { millis, seconds, Tally } from './figures.js';
import type { Finding } from './finding.js';
import { Learner } from './learner.js';
import { COURSE, freeChapters } from './sample-course.js';
import type { Server } from './server.js';

const SLOW_MS = 1500;
const EXIT_WITHIN_MS = 10_000;
const CLIENTS = 20;

/** SIGTERM while clients keep their connections busy and one request takes long. */
export async function terminated(kind: Kind): Promise<Finding> {
  const deployment = await Deployment.prepare(kind);
  const server = await deployment.serve();
  const learner = await Learner.register(server.url);
  const [chapter] = await freeChapters(server.url);
  const load = keepAlive(server.url);
  await delay(500);

  const release = await deployment.lockWrites();
  const slow = learner.complete(chapter);
  const released = delay(SLOW_MS).then(release);
  await delay(100);
  const began = performance.now();
  const exit = server.stop().then((code) => ({ code, ms: performance.now() - began }));
  const ready = await readiness(server);
  const { status, headers, ms } = await slow;
  await released;
  const { code, ms: exitMs } = await exit;
  const statuses = await load;

  const isLast = status === 200 && headers.connection === 'close' && ms >= SLOW_MS;
  const isCalm = statuses.of(200) > 0 && statuses.hasOnly(200, 'ECONNREFUSED');
  const isTold = ready.of(503) > 0 && ready.hasOnly(503, 'ECONNREFUSED');
  return {
    held: isLast && isCalm && isTold && code === 0 && exitMs < EXIT_WITHIN_MS,
    figure:
      `ready ${ready.toString()}; in flight ${status} connection: ${headers.connection ?? 'none'} after ${millis(ms)}; ` +
      `load ${statuses.toString()}; exit ${code ?? 'by a signal'} after ${seconds(exitMs)}`,
  };
}

/**
 * What readiness says, each time on a new connection, until nobody listens any more. It begins a moment after the
 * signal, which a process hears between two turns of its event loop.
 */
async function readiness(server: Server): Promise<Tally> {
  const statuses = new Tally();
  for (;;) {
    await delay(50);
    const { status, failure } = await ask(`${server.url}/health/ready`, { agent: new Agent() });
    statuses.add(failure ?? status);
    if (status === 0) return statuses;
  }
}

/** Clients that ask on kept connections until there is no server to connect to. */
async function keepAlive(url: string): Promise<Tally> {
  const statuses = new Tally();
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const client = async () => {
    for (;;) {
      const { status, failure } = await ask(`${url}/api/v1/courses/${COURSE}/chapters`, { agent });
      statuses.add(failure ?? status);
      if (status === 0) return;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return statuses;
}
