import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from './request-context.js';

/** A request that asks other routes of this process for what it answers, as `/mcp` does. */
export interface OuterRequest {
  context: RequestContext;
  /** Comes when its caller hangs up. */
  hangUp: AbortSignal;
}

/**
 * The request for which this process asks itself. Only what runs inside sees it, so that no client can pass itself off
 * as one that has been let in already.
 */
export const outerRequest = new AsyncLocalStorage<OuterRequest>();
