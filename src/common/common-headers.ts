import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NO_STORE } from './error-body.js';
import { traceparent } from './trace-context.js';

/**
 * What every answer carries, a 304 in part: which request it is to, and what keeps a browser from making more of it
 * than it is (OWASP REST security cheat sheet).
 */
export function commonHeaders(request: Pick<FastifyRequest, 'id' | 'context'>): Record<string, string> {
  const headers: Record<string, string> = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': NO_STORE,
  };
  return Object.assign(headers, requestHeaders(request));
}

function requestHeaders({ id, context }: Pick<FastifyRequest, 'id' | 'context'>): Record<string, string> {
  return context ? { 'x-request-id': id, traceparent: traceparent(context.trace) } : { 'x-request-id': id };
}

/**
 * The headers of a reply, with what every answer carries where it does not say otherwise. A 304 leaves out what the
 * reader has from the answer that it holds (RFC 9110, 15.4.5).
 */
export function answerHeaders(reply: FastifyReply): OutgoingHttpHeaders {
  const headers = reply.statusCode === 304 ? requestHeaders(reply.request) : commonHeaders(reply.request);
  // Many times as fast as spreading both.
  return Object.assign(headers, reply.getHeaders() as OutgoingHttpHeaders);
}

/** Adds them to every reply. It comes after the hooks that make a 304 of one. */
export function addCommonHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    const headers = answerHeaders(reply);
    // Fastify would append them to themselves.
    if ('set-cookie' in headers) delete headers['set-cookie'];
    void reply.headers(headers);
    done(null, payload);
  });
}
