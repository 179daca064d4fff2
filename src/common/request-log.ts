import type { Logger } from 'pino';
import type { EndedRequest } from './request-watch.js';

/** Writes one line for each request: who asked for what and what came of it, and nothing of what was sent. */
export function requestLog(logger: Logger): (ended: EndedRequest) => void {
  return ({ request, method, route, status, durationMs, bytes }) =>
    logger.info(
      {
        request_id: request.id,
        trace_id: request.context?.trace.traceId,
        method,
        route,
        status,
        duration_ms: Math.round(durationMs * 100) / 100,
        bytes,
        user_id: request.caller?.userId,
        error_code: request.context?.errorCode,
      },
      'request',
    );
}
