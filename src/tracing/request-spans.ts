import type { RequestWatch } from '../common/request-watch.js';
import type { Tracer } from './tracer.js';

/** Records a span for every request. */
export function traceRequests(watch: RequestWatch, tracer: Tracer): void {
  if (!tracer.isOn) return;
  watch.onEnd(({ requestId, trace, method, route, status, began, durationMs }) => {
    if (!trace) return;
    tracer.recordRequest(trace, {
      name: `${method} ${route}`,
      kind: 'server',
      began,
      durationMs,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'course_companion.request_id': requestId,
      },
      isFailed: status >= 500,
    });
  });
}
