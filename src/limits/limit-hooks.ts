import type { FastifyInstance } from 'fastify';
import type { CountedLimit } from '../common/request-context.js';
import type { LimitsService } from './limits.service.js';

/** Routes of probes and of Prometheus. */
export const UNLIMITED = /^\/(health|metrics)(\/|$)/;

/**
 * What holds for every route: no address may flood the server, and every answer to a request that has been counted
 * tells what is left.
 */
export function limitRequests(server: FastifyInstance, limits: LimitsService): void {
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.is404 || UNLIMITED.test(request.context?.route ?? '')) return done();
    const counting = limits.takeFlood(request);
    if (counting instanceof Promise) counting.then(() => done(), done);
    else done();
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const counted = request.context?.limits;
    if (!counted?.length) return done(null, payload);
    const tell = () => {
      void reply.headers(whatIsLeft(counted));
      done(null, payload);
    };
    if (reply.statusCode < 400) return tell();
    limits.settleFailure(counted).then(tell, done);
  });
}

/** The headers that tell how many requests are left, of the limit that has the fewest. */
export function whatIsLeft(counted: CountedLimit[]): Record<string, string> {
  const { limit, used, resetAt } = counted.reduce(fewestLeft);
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(Math.max(0, limit - used)),
    'x-ratelimit-reset': String(resetAt),
  };
}

function fewestLeft(one: CountedLimit, other: CountedLimit): CountedLimit {
  return other.limit - other.used < one.limit - one.used ? other : one;
}
