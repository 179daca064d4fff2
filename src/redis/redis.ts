import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis as Client } from 'ioredis';
import { inTime } from '../common/in-time.js';
import { REDIS_BUDGET_MS, requestContext } from '../common/request-context.js';
import type { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { Tracer } from '../tracing/tracer.js';

/**
 * How long a command may take at the least, as a request may have waited for this process and not for Redis. With the
 * budget it stays below the 100 ms that a request may wait in all.
 */
const LEAST_MS = 15;
/** For how long Redis is left alone after it has failed. */
const LEFT_ALONE_MS = 3000;
const RECONNECT_MS = 1000;

const logger = new Logger('Redis');

export const REDIS_CLIENT = Symbol('REDIS_CLIENT');

/** The client of `REDIS_URL`; null where none is set, and its library is not even loaded. */
export async function redisClient({ redisUrl }: Config): Promise<Client | null> {
  if (redisUrl === null) return null;
  const { Redis: Client } = await import('ioredis');
  const client = new Client(redisUrl, {
    connectTimeout: 2000,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 1,
    retryStrategy: () => RECONNECT_MS,
  });
  let failure = '';
  client.on('error', ({ message }: Error) => {
    if (message !== failure) logger.warn(`Redis cannot be reached: ${message}`);
    failure = message;
  });
  client.on('ready', () => {
    if (failure !== '') logger.log('Redis is back');
    failure = '';
  });
  return client;
}

/**
 * The connection to Redis, which may be away at any time. When a command fails, or a request has waited for too long,
 * it is left alone for some seconds; until a ping has come back nobody asks Redis for anything.
 */
@Injectable()
export class Redis implements OnApplicationShutdown {
  private isAnswering = true;
  private probe?: NodeJS.Timeout;

  /** @param client null where no `REDIS_URL` is set */
  constructor(
    @Inject(REDIS_CLIENT) readonly client: Client | null,
    metrics: Metrics,
    private readonly tracer: Tracer,
  ) {
    metrics.whenRead(metrics.redisUsable, () => metrics.redisUsable.set(this.client && !this.isUsable ? 0 : 1));
  }

  /** Whether it is worth asking. */
  get isUsable(): boolean {
    return this.client?.status === 'ready' && this.isAnswering;
  }

  /**
   * Asks Redis, where it is usable.
   * @param purpose names the command in traces
   * @returns null if it is not, or has failed
   */
  async ask<T>(purpose: string, command: (client: Client) => Promise<T>): Promise<T | null> {
    if (!this.client || !this.isUsable) return null;
    const context = requestContext.getStore();
    const began = performance.now();
    let isFailed = false;
    try {
      return await inTime(Math.max(context?.redisBudgetMs ?? REDIS_BUDGET_MS, LEAST_MS), command(this.client));
    } catch (error) {
      isFailed = true;
      this.leaveAlone(error as Error);
      return null;
    } finally {
      const durationMs = performance.now() - began;
      if (context) context.redisBudgetMs -= durationMs;
      const attributes = { 'db.system.name': 'redis' };
      this.tracer.record({ name: `redis ${purpose}`, kind: 'client', began, durationMs, attributes, isFailed });
    }
  }

  onApplicationShutdown(): void {
    clearTimeout(this.probe);
    this.client?.disconnect();
  }

  private leaveAlone(reason: Error): void {
    if (!this.isAnswering) return;
    this.isAnswering = false;
    logger.warn(`Redis is left alone for ${LEFT_ALONE_MS} ms: ${reason.message}`);
    this.probeLater();
  }

  private probeLater(): void {
    this.probe = setTimeout(() => {
      const ping = this.client?.status === 'ready' ? this.client.ping() : Promise.reject(new Error('not connected'));
      inTime(REDIS_BUDGET_MS, ping).then(
        () => (this.isAnswering = true),
        () => this.probeLater(),
      );
    }, LEFT_ALONE_MS).unref();
  }
}
