import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { unavailable } from '../common/errors.js';
import type { Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { UNLIMITED } from './limit-hooks.js';

const RETRY_AFTER_S = 2;
const RESOLUTION_MS = 10;
/** How often the event loop is judged anew. */
const LOOK_EVERY_MS = 250;
/** One stall is no overload, and neither is one of a server that hardly anybody asks. */
const LATE_LOOKS = 2;
const FEW_REQUESTS = 4;

/** What waits for a model waits long and costs this process little, so it takes nobody else's place. */
const ASKS_MODEL = /^\/api\/v1\/hybrid\//;

/**
 * Refuses requests while more are under way than can be answered in time, so that those which are accepted stay quick.
 * Probes and metrics are always let through.
 */
export function shedLoad(server: FastifyInstance, config: Config, metrics: Metrics): void {
  const underWay = { model: 0, other: 0 };
  const eventLoop = new EventLoop(config.maxEventLoopDelayMs);
  server.addHook('onClose', () => eventLoop.stop());
  server.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? '';
    if (UNLIMITED.test(route)) return done();
    const lane = ASKS_MODEL.test(route) ? 'model' : 'other';
    const isLate = eventLoop.isLate();
    if (isLate || underWay[lane] >= config.maxInFlight) {
      metrics.requestsShed.inc({ reason: isLate ? 'event_loop' : 'in_flight' });
      return done(unavailable('The server has too much to do for now', RETRY_AFTER_S));
    }
    underWay[lane]++;
    reply.raw.once('close', () => underWay[lane]--);
    done();
  });
}

/** Whether the event loop has been late on average for half a second, while it was asked for much. */
class EventLoop {
  private lateLooks = 0;
  /** In the time since the last look, and in that before it. */
  private requests: [number, number] = [0, 0];
  private readonly histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly maxDelayMs: number) {
    this.histogram.enable();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  /** Asked once for each request. */
  isLate(): boolean {
    this.requests[0]++;
    return this.lateLooks >= LATE_LOOKS;
  }

  stop(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  private look(): void {
    const meanMs = this.histogram.mean / 1e6 - RESOLUTION_MS;
    const isAskedForMuch = this.requests[0] + this.requests[1] >= FEW_REQUESTS;
    const isLate = meanMs > this.maxDelayMs && isAskedForMuch;
    this.lateLooks = isLate ? this.lateLooks + 1 : 0;
    this.requests = [0, this.requests[0]];
    this.histogram.reset();
  }
}
