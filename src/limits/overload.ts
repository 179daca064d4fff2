import type { FastifyInstance } from 'fastify';
import { unavailable } from '../common/errors.js';
import { refuseAtOnce } from '../common/http-server.js';
import type { Place } from '../common/request-context.js';
import type { Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { UNLIMITED } from './limit-hooks.js';
import { Turns } from './turns.js';

const RETRY_AFTER_S = 2;

/** What waits long, for a model or for a password to be hashed, takes nobody's place but of its own kind. */
const LANES = /^\/api\/v1\/(hybrid|auth)\//;

/**
 * Refuses requests while more are under way than can be answered in time, so that those which are accepted stay quick.
 * Probes and metrics are always let through. What a request asks this process for is never late, and has its place, or one
 * among what waits long instead.
 */
export function shedLoad(server: FastifyInstance, config: Config, metrics: Metrics): void {
  const underWay: Record<string, number> = { hybrid: 0, auth: 0, other: 0 };
  const turns = new Turns();
  server.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? '';
    if (UNLIMITED.test(route)) return done();
    const lane = LANES.exec(route)?.[1] ?? 'other';
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
    reply.raw.once('close', place.leave);
    turns.take(done);
  });
}

/** A place that is left once, however often it is said. */
function takePlace(underWay: Record<string, number>, lane: string): Place {
  let isTaken = true;
  underWay[lane]++;
  const leave = () => {
    if (isTaken) underWay[lane]--;
    isTaken = false;
  };
  return { lane, leave };
}
