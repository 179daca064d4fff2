import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { AggregatorRegistry } from 'prom-client';
import { unavailable } from '../common/errors.js';
import { Metrics } from './metrics.js';

const WITHIN_MS = 6000;

/** A worker asks the primary for the metrics of all workers, and is answered with the same number. */
export interface ScrapeMessage {
  type: 'scrape';
  id: number;
  text?: string;
}

/** What Prometheus reads: this process's metrics, or those of all processes on this machine where there are several. */
@Injectable()
export class Scrape {
  private asked = 0;

  constructor(private readonly metrics: Metrics) {}

  /** Begins to measure the process; before the first request. */
  start(): void {
    this.metrics.watchProcess();
    if (!cluster.isWorker) return;
    AggregatorRegistry.setRegistries(this.metrics.registry);
    // It answers the primary's questions from now on.
    new AggregatorRegistry();
  }

  get contentType(): string {
    return this.metrics.registry.contentType;
  }

  /** @throws {AppError} SERVICE_UNAVAILABLE if another process does not tell its part in time */
  text(): Promise<string> {
    return cluster.isWorker ? this.askPrimary() : this.metrics.registry.metrics();
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
        if (message.text === undefined) reject(unavailable('The metrics cannot be gathered', 5));
        else resolve(message.text);
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
