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

/** Gives a reply the headers of a public answer. @returns the body to be sent */
export function putPublic(answer: CachedAnswer, request: FastifyRequest, reply: FastifyReply): Buffer {
  const { headers, representation } = answer;
  if (request.context) request.context.representation = representation;
  varyByReader(reply);
  void reply.headers(headers).header('cache-control', request.caller ? PRIVATE : PUBLIC);
  return representation.identity;
}
