import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';

type Measured = MetricObjectWithValues<MetricValue<string>>[];

/** A worker asks for the metrics of all, and is answered with the same number. */
export interface ScrapeMessage {
  type: 'scrape';
  id: number;
  text?: string;
}

/** The primary process asks a worker for its part, and is answered with the same number. */
export interface MeasureMessage {
  type: 'measure';
  id: number;
  measured?: Measured;
}

const GROWING = ['counter', 'histogram'];

/** A worker that has not answered by then is told of as it was the last time. */
const WITHIN_MS = 1000;

/**
 * The metrics of all workers as one, gathered in the primary process. What a worker had counted when it died stays, so
 * that no counter ever goes down.
 */
export class WorkerMetrics {
  private asked = 0;
  private readonly last = new Map<number, Measured>();
  private dead: Measured = [];
  private burying = Promise.resolve();

  constructor() {
    cluster.on('exit', ({ id }) => {
      this.burying = this.burying.then(() => this.bury(id));
    });
  }

  async text(): Promise<string> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected() === true);
    await Promise.all(workers.map((worker) => this.measure(worker!)));
    return AggregatorRegistry.aggregate([this.dead, ...this.last.values()]).metrics();
  }

  private async measure(worker: Worker): Promise<void> {
    const id = ++this.asked;
    const ended = new AbortController();
    const answered = new Promise<void>((resolve) => {
      const listen = (message: MeasureMessage) => {
        if (message.type !== 'measure' || message.id !== id) return;
        if (message.measured) this.last.set(worker.id, message.measured);
        resolve();
      };
      worker.on('message', listen);
      worker.once('exit', resolve);
      ended.signal.addEventListener('abort', () => {
        worker.off('message', listen);
        worker.off('exit', resolve);
      });
    });
    // One that dies at this moment tells by its exit; without a listener the error would end this process.
    worker.send({ type: 'measure', id } satisfies MeasureMessage, () => undefined);
    await Promise.race([answered, delay(WITHIN_MS)]);
    ended.abort();
  }

  /** Keeps what only ever grows, and forgets the worker at the same moment. */
  private async bury(workerId: number): Promise<void> {
    const counted = (this.last.get(workerId) ?? []).filter(({ type }) => GROWING.includes(String(type)));
    const dead = await AggregatorRegistry.aggregate([this.dead, counted]).getMetricsAsJSON();
    this.dead = dead;
    this.last.delete(workerId);
  }
}
