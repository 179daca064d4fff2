import { AsyncLocalStorage } from 'node:async_hooks';
import type { OuterRequest } from './request-context.js';

/**
 * The request for which this process asks itself. Only what runs inside sees it, so that no client can pass itself off
 * as one that has been let in already.
 */
export const outerRequest = new AsyncLocalStorage<OuterRequest>();
