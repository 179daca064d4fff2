import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import type { LimitName } from '../limits/limits.js';
import type { ErrorCode } from './errors.js';
import type { Representation } from './representation.js';
import type { TraceContext } from './trace-context.js';

/** A limit against which a request has been counted. */
export interface CountedLimit {
  name: LimitName;
  /** With whose requests it has been counted. */
  key: string;
  /** Requests that the window allows. */
  limit: number;
  /** Requests in the window so far, this one included. */
  used: number;
  /** When the window ends, in Unix seconds. */
  resetAt: number;
  /** Seconds until then. */
  retryAfter: number;
  /** Whether it was counted where all instances do, not in this process. */
  isShared: boolean;
}

/** A place among the requests that are under way. */
export interface Place {
  /** The kind of request that it is for. */
  lane: string;
  leave: () => void;
}

/** A request that asks other routes of this process for what it answers, as `/mcp` does. */
export interface OuterRequest {
  context: RequestContext;
  /** Comes when its caller hangs up. */
  hangUp: AbortSignal;
}

/** What goes with one request, wherever it is worked on. */
export interface RequestContext {
  /** Carried by every log line and every error. */
  requestId: string;
  /** The route's pattern; undefined for whatever no route answers. */
  route?: string;
  trace: TraceContext;
  /** The client's address, once somebody has asked for it. */
  address?: string;
  /** The request for which this process asks itself. */
  outer?: OuterRequest;
  /** What it takes of what may be under way at once. */
  place?: Place;
  /** How long it may still wait for Redis, in milliseconds. */
  redisBudgetMs: number;
  /** What the request has been counted against so far. */
  limits: CountedLimit[];
  /** The answer's body, where it is ready to be sent. */
  representation?: Representation;
  /** What the client is told went wrong. */
  errorCode?: ErrorCode;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request could not even be read. */
    context: RequestContext | null;
  }
}

/** How long a request may wait for Redis in all. */
export const REDIS_BUDGET_MS = 80;

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** From here on whatever a request does knows its context. */
export function enterContext(server: FastifyInstance): void {
  server.addHook('onRequest', ({ context }, _reply, done) => (context ? requestContext.run(context, done) : done()));
}
