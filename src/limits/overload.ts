import type { FastifyInstance } from 'fastify';
import { unavailable } from '../common/errors.js';
import { refuseAtOnce } from '../common/http-server.js';
import type { Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { UNLIMITED } from './limit-hooks.js';
import { Turns } from './turns.js';

const RETRY_AFTER_S = 2;

/** What waits long, for a model or for a password to be hashed, takes nobody's place but of its own kind. */
const LANES = { hybrid: /^\/api\/v1\/hybrid\//, auth: /^\/(api\/v1\/auth|oauth)\// };

/**
 * Refuses requests while more are under way than can be answered in time, so that those which are accepted stay quick.
 * Probes and metrics are always let through.
 */
export function shedLoad(server: FastifyInstance, config: Config, metrics: Metrics): void {
  const underWay: Record<string, number> = { hybrid: 0, auth: 0, other: 0 };
  const turns = new Turns();
  server.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? '';
    if (UNLIMITED.test(route)) return done();
    const lane = Object.entries(LANES).find(([, pattern]) => pattern.test(route))?.[0] ?? 'other';
    const isLate = turns.delayMs > config.maxEventLoopDelayMs;
    if (isLate || underWay[lane] >= config.maxInFlight) {
      metrics.requestsShed.inc({ reason: isLate ? 'event_loop' : 'in_flight' });
      return refuseAtOnce(unavailable('The server has too much to do for now', RETRY_AFTER_S), request, reply);
    }
    underWay[lane]++;
    reply.raw.once('close', () => underWay[lane]--);
    turns.take(done);
  });
}
