import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../bench/client.js';
import { quantile } from '../bench/spread.js';
import { Deployment } from './deployment.js';
import { millis, most, seconds } from './figures.js';
import type { Finding } from './finding.js';
import { Load } from './load.js';
import { COURSE } from './sample-course.js';
import { endWithRow } from './scope.js';

const CLIENTS = 100;
const BYTE_EVERY_MS = 2000;
/** The server gives headers 10 s and a whole request 30 s, and looks every few seconds. */
const HEADERS_CUT_MS = 15_000;
const BODY_CUT_MS = 35_000;
const PATIENCE_MS = 40_000;
const P99_MS = 500;

/**
 * Clients that send a byte now and then, half of them of their headers, the others of a body; normal ones beside them.
 */
export async function slowClients(): Promise<Finding> {
  const deployment = await Deployment.prepare('sqlite');
  const server = await deployment.serve();
  const port = Number(new URL(server.url).port);
  const read = () => ask(`${server.url}/api/v1/courses/${COURSE}/chapters`);
  const normal = new Load(read, { clients: 2, pauseMs: 50 });
  const [headers, bodies] = await Promise.all([
    Promise.all(
      Array.from({ length: CLIENTS }, () => dribble(port, 'GET /api/v1/courses HTTP/1.1\r\nHost: drill\r\nX-Slow: ')),
    ),
    Promise.all(Array.from({ length: CLIENTS }, () => dribble(port, SLOW_BODY))),
  ]);
  await normal.stop();

  const p99 = quantile(normal.times, 0.99);
  const areCut = isCutWithin(headers, HEADERS_CUT_MS) && isCutWithin(bodies, BODY_CUT_MS);
  return {
    held: areCut && normal.statuses.hasOnly(200) && p99 < P99_MS && server.isRunning,
    figure:
      `headers: ${describe(headers)}; bodies: ${describe(bodies)}; ` +
      `others ${normal.statuses.toString()}, p99 ${millis(p99)}`,
  };
}

const SLOW_BODY =
  'POST /api/v1/auth/login HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{';

/**
 * Sends the beginning of a request and then a byte now and then.
 * @returns after how many milliseconds the connection was cut; null if it was not
 */
async function dribble(port: number, beginning: string): Promise<number | null> {
  const began = performance.now();
  const socket: Socket = connect(port, '127.0.0.1');
  endWithRow(() => void socket.destroy());
  const bytes = setInterval(() => socket.write('a'), BYTE_EVERY_MS);
  socket.on('error', () => undefined).resume();
  socket.write(beginning);
  const cut = once(socket, 'close').then(() => performance.now() - began);
  const waited = await Promise.race([cut, delay(PATIENCE_MS, null)]);
  clearInterval(bytes);
  return waited;
}

function isCutWithin(cuts: (number | null)[], withinMs: number): boolean {
  return cuts.every((cut) => cut !== null && cut < withinMs);
}

function describe(cuts: (number | null)[]): string {
  const done = cuts.filter((cut) => cut !== null);
  return `${done.length} of ${cuts.length} cut, the last after ${seconds(done.length > 0 ? most(done) : null)}`;
}
