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

/** Whether an answer holds what is not for everyone. */
type Exception<T> = (answer: T) => boolean;

/**
 * Marks a route whose answer is the same for everyone, so that shared caches may keep it.
 * @param isClosed tells of the answers that are not
 */
export const FreeContent = <T>(isClosed: Exception<T> = () => false) =>
  applyDecorators(
    SetMetadata(FREE_CONTENT, isClosed),
    ApiResponse({ status: 304, description: 'What `If-None-Match` names is still current' }),
  );

/** Says who may cache an answer, and turns a page into its array and headers. */
@Injectable()
export class ResponseHeadersInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const isClosed = this.reflector.get<Exception<unknown> | undefined>(FREE_CONTENT, context.getHandler());
    return next.handle().pipe(
      map((body: unknown) => {
        const isFree = isClosed !== undefined && !isClosed(body);
        void reply.header('cache-control', isFree ? cacheControl(request) : NO_STORE);
        if (isClosed) varyBy(reply, 'Authorization', 'Accept-Encoding');
        if (!(body instanceof Page)) return body;
        void reply.headers(pageHeaders(body, request.url));
        return body.items as unknown[];
      }),
    );
  }
}

function cacheControl({ headers }: FastifyRequest): string {
  return headers.authorization === undefined ? PUBLIC : 'private, max-age=60';
}
