import type { OutgoingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { andThen, type MaybePromise } from '../common/maybe-promise.js';
import { JSON_TYPE } from '../common/media-types.js';
import { type RequestContext, requestContext } from '../common/request-context.js';
import { sendReady } from '../common/ready-answer.js';
import { acceptedEncoding, heldTag } from '../common/representation.js';
import { whatIsLeft } from '../limits/limit-hooks.js';
import type { LimitName } from '../limits/limits.js';
import { LimitsService } from '../limits/limits.service.js';
import { Redis } from '../redis/redis.js';
import type { CachedAnswer } from './cached-answer.js';
import { ContentCache } from './content-cache.js';
import { askedFor, publicHeaders, varyByReader } from './public-answer.js';

/**
 * Sends the anonymous what is in memory already. Of all that a request passes on its long way only the limits concern
 * it: the anonymous have no rights to be looked at, and what is in memory was asked for in the same words and found
 * valid.
 */
@Injectable()
export class KnownAnswers {
  /** The limit of each route that answers from the cache, by its pattern. */
  private readonly limitsByRoute = new Map<string, LimitName>();

  constructor(
    private readonly cache: ContentCache,
    private readonly limits: LimitsService,
    private readonly redis: Redis,
  ) {}

  /** Lets a route's answers be sent from memory, counted against its limit. */
  offer(route: string, limit: LimitName): void {
    this.limitsByRoute.set(route, limit);
  }

  attach(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      const limit = this.limitsByRoute.get(request.context?.route ?? '');
      if (limit === undefined || request.headers.authorization !== undefined || request.method !== 'GET') return done();
      const answer = this.cache.find(askedFor(request));
      const body = answer && bodyFor(request, answer);
      if (!body) return done();
      const sendIt = () => send(answer, body, request, reply);
      const counting = this.count(limit, request);
      if (counting instanceof Promise) counting.then(sendIt, done);
      else sendIt();
    });
  }

  /**
   * At once where there is no Redis: what is awaited costs more than all that is done here. Redis is asked in the
   * request's context, by which it knows how long it may be waited for and which trace it is a part of.
   */
  private count(limit: LimitName, request: FastifyRequest): MaybePromise<unknown> {
    const count = () => andThen(this.limits.takeFlood(request), () => this.limits.takeFrom(limit, request));
    return this.redis.client ? requestContext.run(request.context as RequestContext, count) : count();
  }
}

interface Body {
  encoding: 'identity' | 'gzip' | 'br';
  bytes: Buffer;
}

/** Null where the body has to be compressed first. */
function bodyFor(request: FastifyRequest, { representation }: CachedAnswer): Body | null {
  const encoding = representation.isWorthCompressing ? acceptedEncoding(request) : 'identity';
  const bytes = encoding === 'identity' ? representation.identity : representation.in(encoding);
  return Buffer.isBuffer(bytes) ? { encoding, bytes } : null;
}

function send(answer: CachedAnswer, { encoding, bytes }: Body, request: FastifyRequest, reply: FastifyReply): void {
  varyByReader(reply);
  const headers: OutgoingHttpHeaders = publicHeaders(answer, request);
  if (request.context) Object.assign(headers, whatIsLeft(request.context.limits));
  const held = heldTag(request, answer.representation, encoding);
  headers.etag = held ?? answer.representation.tag(encoding);
  if (held) return sendReady(reply.status(304), undefined, headers);
  if (encoding !== 'identity') headers['content-encoding'] = encoding;
  headers['content-type'] = JSON_TYPE;
  sendReady(reply.header('content-length', bytes.length), bytes, headers);
}
