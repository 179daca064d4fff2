import type { Logger } from 'pino';
import type { EndedRequest } from './request-watch.js';

/** Writes one line for each request: who asked for what and what came of it, and nothing of what was sent. */
export function requestLog(logger: Logger): (ended: EndedRequest) => void {
  return ({ requestId, trace, method, route, status, durationMs, bytes, userId, errorCode }) =>
    logger.info(
      {
        request_id: requestId,
        trace_id: trace?.traceId,
        method,
        route,
        status,
        duration_ms: Math.round(durationMs * 100) / 100,
        bytes,
        user_id: userId,
        error_code: errorCode,
      },
      'request',
    );
}
