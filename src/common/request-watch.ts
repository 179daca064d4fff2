import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from './errors.js';
import type { TraceContext } from './trace-context.js';

/** What became of a request. */
export interface EndedRequest {
  requestId: string;
  /** Null for what could not even be read. */
  trace: TraceContext | null;
  method: string;
  /** The route's pattern; `unknown` for whatever no route answers. */
  route: string;
  /** 499 where the caller hung up before the answer, as nginx counts it. */
  status: number;
  /** When it began, as `performance.now()` tells the time. */
  began: number;
  durationMs: number;
  /** Of the answer's body, as it went over the wire. */
  bytes: number;
  /** Who asked, where that is known. */
  userId?: string;
  /** What the client was told went wrong. */
  errorCode?: ErrorCode;
}

type EndListener = (ended: EndedRequest) => void;

const CALLER_HUNG_UP = 499;

/** Knows how many requests are under way and tells how each of them ended, answered or not. */
export class RequestWatch {
  inFlight = 0;
  private readonly listeners: EndListener[] = [];

  onEnd(listener: EndListener): void {
    this.listeners.push(listener);
  }

  begin(request: FastifyRequest, reply: FastifyReply): void {
    const began = performance.now();
    this.inFlight++;
    // Fastify's own hook is not called where the caller hangs up first.
    reply.raw.on('close', () => {
      this.inFlight--;
      request.context?.place?.leave();
      const isAnswered = reply.raw.writableEnded;
      this.tell({
        requestId: request.id,
        trace: request.context?.trace ?? null,
        method: request.method,
        route: request.context?.route ?? 'unknown',
        status: isAnswered ? reply.statusCode : CALLER_HUNG_UP,
        began,
        durationMs: performance.now() - began,
        bytes: isAnswered ? bodyBytes(request, reply) : 0,
        userId: request.caller?.userId,
        errorCode: request.context?.errorCode,
      });
    });
  }

  /** Tells of a request that has ended, also of one that the HTTP server refused while it read it. */
  tell(ended: EndedRequest): void {
    for (const listener of this.listeners) listener(ended);
  }
}

function bodyBytes({ method }: FastifyRequest, reply: FastifyReply): number {
  return method === 'HEAD' ? 0 : Number(reply.getHeader('content-length') ?? 0);
}
