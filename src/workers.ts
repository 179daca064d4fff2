import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type ScrapeMessage, WorkerMetrics } from './metrics/worker-metrics.js';

/** A worker that ends sooner than this, or before it listens, has hardly served anybody. */
const STILLBORN_MS = 5000;
/** After so many of those in a row nothing will come of the next one either. */
const MAX_STILLBORN = 5;
const RESTART_AFTER_MS = 1000;

/**
 * Runs so many processes that serve on one address, puts another in the place of one that dies, and ends when they have
 * ended on SIGTERM or SIGINT. It serves nothing itself.
 */
export class Workers {
  private isEnding = false;
  private stillborn = 0;
  private readonly metrics = new WorkerMetrics();

  constructor(
    private readonly count: number,
    private readonly logger: Logger,
  ) {}

  run(): void {
    cluster.on('exit', (worker, code, signal) => void this.replace(worker, signal ?? String(code)));
    cluster.on('message', (worker, message: ScrapeMessage) => {
      if (message.type === 'scrape') void this.answerScrape(worker, message.id);
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.end(signal));
    for (let started = 0; started < this.count; started++) this.start();
  }

  private start(): void {
    const began = performance.now();
    const worker = cluster.fork();
    let isListening = false;
    worker.once('listening', () => (isListening = true));
    worker.once('exit', () => {
      const isStillborn = !isListening || performance.now() - began < STILLBORN_MS;
      this.stillborn = isStillborn ? this.stillborn + 1 : 0;
    });
  }

  private async replace(worker: Worker, reason: string): Promise<void> {
    if (this.isEnding) {
      if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
      return;
    }
    this.logger.error({ pid: worker.process.pid }, `A worker has ended: ${reason}`);
    if (this.stillborn >= MAX_STILLBORN) {
      this.logger.fatal('The workers end as soon as they begin');
      process.exit(1);
    }
    if (this.stillborn > 0) await delay(RESTART_AFTER_MS);
    if (!this.isEnding) this.start();
  }

  private end(signal: NodeJS.Signals): void {
    this.isEnding = true;
    const workers = Object.values(cluster.workers ?? {});
    if (workers.length === 0) process.exit(0);
    for (const worker of workers) worker?.process.kill(signal);
  }

  private async answerScrape(worker: Worker, id: number): Promise<void> {
    try {
      const text = await this.metrics.text();
      // A worker that has died meanwhile needs no answer.
      if (worker.isConnected()) worker.send({ type: 'scrape', id, text } satisfies ScrapeMessage, () => undefined);
    } catch (error) {
      this.logger.error({ err: error }, 'The metrics cannot be gathered');
    }
  }
}
