import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { NO_STORE } from '../common/error-body.js';
import { Page, pageHeaders } from '../common/pagination.js';
import { Representation, varyBy } from '../common/representation.js';
import { CachedAnswer } from './cached-answer.js';
import { ContentCache } from './content-cache.js';
import { type Exceptions, FREE_CONTENT } from './free-content.js';

const PUBLIC = 'public, max-age=60, s-maxage=60, stale-while-revalidate=300';
const PRIVATE = 'private, max-age=60';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers free content from the cache, and says who else may cache it. */
@Injectable()
export class FreeContentInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly cache: ContentCache,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const exceptions = this.reflector.get<Exceptions<unknown> | undefined>(FREE_CONTENT, context.getHandler());
    if (!exceptions) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return from(this.answer(request, reply, exceptions, () => lastValueFrom(next.handle())));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    exceptions: Exceptions<unknown>,
    handle: () => Promise<unknown>,
  ): Promise<unknown> {
    const { caller, url } = request;
    varyBy(reply, 'Authorization', 'Accept-Encoding');
    if (caller && exceptions.signedIn) return closed(await handle(), reply);
    let own: unknown;
    const readers = caller?.hasPremium ? 'premium' : 'free';
    const answer = await this.cache.get(`${readers} ${url}`, async () => {
      own = await handle();
      return exceptions.closed?.(own) ? null : toCached(own, url);
    });
    // Another request may have found out that the answer is not public.
    if (!answer) return closed(own ?? (await handle()), reply);
    const { headers, representation } = answer;
    if (request.context) request.context.representation = representation;
    void reply.headers(headers).header('cache-control', caller ? PRIVATE : PUBLIC);
    return representation.identity;
  }
}

/** An answer that is not for everyone. The other interceptors turn a page into its array. */
function closed(body: unknown, reply: FastifyReply): unknown {
  void reply.header('cache-control', NO_STORE);
  return body;
}

function toCached(body: unknown, url: string): CachedAnswer {
  const [content, headers] = body instanceof Page ? [body.items as unknown[], pageHeaders(body, url)] : [body, {}];
  const json = Buffer.from(JSON.stringify(content));
  return new CachedAnswer({ ...headers, 'content-type': JSON_TYPE }, new Representation(json));
}
