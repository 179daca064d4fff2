import type { FastifyInstance } from 'fastify';
import { unavailable } from '../common/errors.js';
import { refuseAtOnce } from '../common/http-server.js';
import type { Place } from '../common/request-context.js';
import { turns } from '../common/turns.js';
import type { Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { UNLIMITED } from './limit-hooks.js';

const RETRY_AFTER_S = 2;

/** What waits long, for a model or for a password to be hashed, takes nobody's place but of its own kind. */
const ASKS_A_MODEL = /^\/api\/v1\/hybrid\//;
const HASHES_A_PASSWORD = /^\/(api\/v1\/auth|oauth)\//;

/** Each kind of request has a number of its own that may be under way; of the unlimited it is any. */
type Lane = 'unlimited' | 'hybrid' | 'auth' | 'other';

/**
 * Refuses requests while more are under way than can be answered in time, so that those which are accepted stay quick.
 * Probes and metrics are always let through. A request that this process sends to itself for another one is never late:
 * it has that one's place, or one among those that wait long instead.
 */
export function shedLoad(server: FastifyInstance, config: Config, metrics: Metrics): void {
  const underWay = { unlimited: 0, hybrid: 0, auth: 0, other: 0 };
  const lanes = new Map<string, Lane>();
  server.addHook('onRoute', ({ url }) => {
    lanes.set(url, laneOf(url));
  });
  server.addHook('onRequest', (request, reply, done) => {
    const lane = lanes.get(request.context?.route ?? '') ?? 'other';
    if (lane === 'unlimited') return done();
    const outer = request.context?.outer?.context.place;
    if (outer?.lane === lane) return turns.take(done);
    const isLate = !outer && turns.delayMs > config.maxEventLoopDelayMs;
    if (isLate || underWay[lane] >= config.maxInFlight) {
      metrics.requestsShed.inc({ reason: isLate ? 'event_loop' : 'in_flight' });
      return refuseAtOnce(unavailable('The server has too much to do for now', RETRY_AFTER_S), request, reply);
    }
    outer?.leave();
    const place = takePlace(underWay, lane);
    if (request.context) request.context.place = place;
    turns.take(done);
  });
}

function laneOf(route: string): Lane {
  if (UNLIMITED.test(route)) return 'unlimited';
  if (ASKS_A_MODEL.test(route)) return 'hybrid';
  return HASHES_A_PASSWORD.test(route) ? 'auth' : 'other';
}

/** A place among those under way; to leave it twice is to leave it once. */
function takePlace(underWay: Record<Lane, number>, lane: Lane): Place {
  let isTaken = true;
  underWay[lane]++;
  const leave = () => {
    if (isTaken) underWay[lane]--;
    isTaken = false;
  };
  return { lane, leave };
}
