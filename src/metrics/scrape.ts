import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { unavailable } from '../common/errors.js';
import { Metrics } from './metrics.js';
import type { MeasureMessage, ScrapeMessage } from './worker-metrics.js';

const WITHIN_MS = 3000;

/** What Prometheus reads: this process's metrics, or those of all processes on this machine where there are several. */
@Injectable()
export class Scrape {
  private asked = 0;

  constructor(private readonly metrics: Metrics) {}

  /** Begins to measure the process; before the first request. */
  start(): void {
    this.metrics.watchProcess();
    if (cluster.isWorker) process.on('message', (message: MeasureMessage) => void this.measure(message));
  }

  get contentType(): string {
    return this.metrics.registry.contentType;
  }

  /** @throws {AppError} SERVICE_UNAVAILABLE if the primary process does not answer in time */
  text(): Promise<string> {
    return cluster.isWorker ? this.askPrimary() : this.metrics.registry.metrics();
  }

  /** Tells the primary process this one's part. */
  private async measure({ type, id }: MeasureMessage): Promise<void> {
    if (type !== 'measure') return;
    const measured = await this.metrics.registry.getMetricsAsJSON();
    process.send?.({ type, id, measured } satisfies MeasureMessage);
  }

  private askPrimary(): Promise<string> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        process.off('message', listen);
      };
      const listen = (message: ScrapeMessage) => {
        if (message.type !== 'scrape' || message.id !== id) return;
        end();
        resolve(message.text ?? '');
      };
      const timer = setTimeout(() => {
        end();
        reject(unavailable('The metrics cannot be gathered', 5));
      }, WITHIN_MS);
      process.on('message', listen);
      process.send?.({ type: 'scrape', id } satisfies ScrapeMessage);
    });
  }
}
