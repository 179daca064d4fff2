import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Page, pageHeaders } from './pagination.js';
import { varyBy } from './representation.js';

const FREE_CONTENT = 'freeContent';
const PUBLIC = 'public, max-age=60, s-maxage=60, stale-while-revalidate=300';
const NO_STORE = 'private, no-store';

/** Which answers of a route are not the same for everyone. */
interface Exceptions<T> {
  /** Those that hold what is not for everyone. */
  closed?: (answer: T) => boolean;
  /** Those to requests with a token. */
  signedIn?: boolean;
}

/** Marks a route whose answer is the same for everyone, but for the exceptions, so that shared caches may keep it. */
export const FreeContent = <T>(exceptions: Exceptions<T> = {}) =>
  applyDecorators(
    SetMetadata(FREE_CONTENT, exceptions),
    ApiResponse({ status: 304, description: 'What `If-None-Match` names is still current' }),
  );

/** Says who may cache an answer, and turns a page into its array and headers. */
@Injectable()
export class ResponseHeadersInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const exceptions = this.reflector.get<Exceptions<unknown> | undefined>(FREE_CONTENT, context.getHandler());
    return next.handle().pipe(
      map((body: unknown) => {
        void reply.header('cache-control', exceptions ? cacheControl(request, body, exceptions) : NO_STORE);
        if (exceptions) varyBy(reply, 'Authorization', 'Accept-Encoding');
        if (!(body instanceof Page)) return body;
        void reply.headers(pageHeaders(body, request.url));
        return body.items as unknown[];
      }),
    );
  }
}

function cacheControl({ headers }: FastifyRequest, body: unknown, { closed, signedIn }: Exceptions<unknown>): string {
  const isSignedIn = headers.authorization !== undefined;
  if (closed?.(body) || (signedIn && isSignedIn)) return NO_STORE;
  return isSignedIn ? 'private, max-age=60' : PUBLIC;
}
