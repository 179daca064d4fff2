import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AppError } from '../common/errors.js';
import { JSON_TYPE } from '../common/media-types.js';
import { Page, pageHeaders } from '../common/pagination.js';
import { Representation } from '../common/representation.js';
import { LIMIT } from '../limits/limit.js';
import type { LimitName } from '../limits/limits.js';
import { CachedAnswer } from './cached-answer.js';
import { ContentCache } from './content-cache.js';
import { KnownAnswers } from './known-answers.js';
import { askedFor, putPublic, varyByReader } from './public-answer.js';

export const FREE_CONTENT = 'freeContent';

/** Which answers of a route are not the same for everyone. */
export interface FreeContentOptions<T> {
  /** Those that hold what is not for everyone. */
  closed?: (answer: T) => boolean;
  /** Those to requests with a token. */
  signedIn?: boolean;
}

/** Answers free content from the cache, and says who else may cache it. */
@Injectable()
export class FreeContentInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly cache: ContentCache,
    private readonly known: KnownAnswers,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const options = this.reflector.get<FreeContentOptions<unknown>>(FREE_CONTENT, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    this.offer(context, request);
    return from(this.answer(request, reply, options, () => lastValueFrom(next.handle())));
  }

  private offer(context: ExecutionContext, { routeOptions }: FastifyRequest): void {
    const limit = this.reflector.getAllAndOverride<LimitName | undefined>(LIMIT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (limit && routeOptions.url) this.known.offer(routeOptions.url, limit);
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    options: FreeContentOptions<unknown>,
    handle: () => Promise<unknown>,
  ): Promise<unknown> {
    varyByReader(reply);
    if (request.caller && options.signedIn) return handle();
    let own: Promise<unknown> | undefined;
    const answer = await this.cache.get(askedFor(request), () => {
      own = handle();
      return own.then(
        (body) => (options.closed?.(body) ? null : toCached(body, request.url)),
        (error: unknown) => (isRefusal(error) ? null : Promise.reject(error as Error)),
      );
    });
    // Another request may have found out that the answer is not public, or that there is none for its own sender.
    return answer ? putPublic(answer, request, reply.type(JSON_TYPE)) : (own ?? handle());
  }
}

/** Whether an error tells of who asked, and so may not be told to anybody else. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && (error.status === 401 || error.status === 403);
}

function toCached(body: unknown, url: string): CachedAnswer {
  const [content, headers] = body instanceof Page ? [body.items as unknown[], pageHeaders(body, url)] : [body, {}];
  const json = Buffer.from(JSON.stringify(content));
  return new CachedAnswer(headers, new Representation(json));
}
