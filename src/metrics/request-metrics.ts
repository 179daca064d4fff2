import type { RequestWatch } from '../common/request-watch.js';
import type { Metrics } from './metrics.js';

/** Any other could be made up by a client. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Counts and times every request. */
export function measureRequests(watch: RequestWatch, metrics: Metrics): void {
  metrics.whenRead(metrics.requestsInFlight, () => metrics.requestsInFlight.set(watch.inFlight));
  watch.onEnd(({ method, route, status, durationMs, errorCode }) => {
    const labels = { method: METHODS.includes(method) ? method : 'other', route, status: String(status) };
    metrics.requestSeconds.observe(labels, durationMs / 1000);
    if (errorCode) metrics.errors.inc({ error_code: errorCode, route });
  });
}
