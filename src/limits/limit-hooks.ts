import type { FastifyInstance } from 'fastify';
import type { CountedLimit } from '../common/request-context.js';
import { clientAddress } from './client-address.js';
import type { LimitsService } from './limits.service.js';

/** Routes of probes and of Prometheus. */
export const UNLIMITED = /^\/(health|metrics)(\/|$)/;

/**
 * What holds for every route: no address may flood the server, and every answer to a request that has been counted
 * tells what is left.
 */
export function limitRequests(server: FastifyInstance, limits: LimitsService): void {
  server.addHook('preHandler', async (request) => {
    // What a request asks this process for is a part of it.
    if (request.is404 || request.context?.outer || UNLIMITED.test(request.routeOptions.url ?? '')) return;
    await limits.take('FLOOD', limits.address('FLOOD', clientAddress(request)));
  });
  server.addHook('onSend', async (request, reply, payload) => {
    const counted = request.context?.limits;
    if (!counted?.length) return payload;
    if (reply.statusCode >= 400) await limits.settleFailure(counted);
    const { limit, used, resetAt } = counted.reduce(fewestLeft);
    void reply.headers({
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - used)),
      'x-ratelimit-reset': String(resetAt),
    });
    return payload;
  });
}

function fewestLeft(one: CountedLimit, other: CountedLimit): CountedLimit {
  return other.limit - other.used < one.limit - one.used ? other : one;
}
