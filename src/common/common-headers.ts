import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NO_STORE } from './error-body.js';
import { traceparent } from './trace-context.js';

/**
 * What every answer carries: which request it is to, and what keeps a browser from making more of it than it is (OWASP REST
 * security cheat sheet).
 */
export function commonHeaders({ id, context }: Pick<FastifyRequest, 'id' | 'context'>): Record<string, string> {
  const headers: Record<string, string> = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': NO_STORE,
    'x-request-id': id,
  };
  if (context) headers.traceparent = traceparent(context.trace);
  return headers;
}

/** The headers of a reply, with what every answer carries where it does not say otherwise. */
export function answerHeaders(reply: FastifyReply): OutgoingHttpHeaders {
  // Many times as fast as spreading both.
  return Object.assign(commonHeaders(reply.request), reply.getHeaders() as OutgoingHttpHeaders);
}
