import type { FastifyReply, FastifyRequest } from 'fastify';
import { varyBy } from '../common/representation.js';
import type { CachedAnswer } from './cached-answer.js';

const PUBLIC = 'public, max-age=60, s-maxage=60, stale-while-revalidate=300';
const PRIVATE = 'private, max-age=60';

/** Names what a request asks for, and the class of readers that it comes from. */
export function askedFor({ caller, url }: FastifyRequest): string {
  return `${caller?.hasPremium ? 'premium' : 'free'} ${url}`;
}

/** What a public answer depends on, also where another reader of the same URL gets one that is not public. */
export function varyByReader(reply: FastifyReply): void {
  varyBy(reply, 'Authorization', 'Accept-Encoding');
}

/** The headers of a public answer besides those that come of its body. */
export function publicHeaders({ headers }: CachedAnswer, { caller }: FastifyRequest): Record<string, string> {
  return Object.assign({ 'cache-control': caller ? PRIVATE : PUBLIC }, headers);
}

/** Makes a public answer of a reply. @returns the body to be sent */
export function putPublic(answer: CachedAnswer, request: FastifyRequest, reply: FastifyReply): Buffer {
  const { representation } = answer;
  if (request.context) request.context.representation = representation;
  varyByReader(reply);
  void reply.headers(publicHeaders(answer, request));
  return representation.identity;
}
