import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { NO_STORE } from './error-body.js';
import { Page, pageHeaders } from './pagination.js';

/** Keeps an answer out of every cache unless somebody has said otherwise, and turns a page into its array and headers. */
@Injectable()
export class ResponseHeadersInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body: unknown) => {
        if (!reply.hasHeader('cache-control')) void reply.header('cache-control', NO_STORE);
        if (!(body instanceof Page)) return body;
        void reply.headers(pageHeaders(body, request.url));
        return body.items as unknown[];
      }),
    );
  }
}
