import type { ThrottlerStorage } from '@nestjs/throttler';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { type Redis } from '../redis/redis.js';

type StoredRecord = Awaited<ReturnType<ThrottlerStorage['increment']>> & {
  /** When the window ends, in Unix milliseconds. */
  expiresAt: number;
};

interface Counters {
  memory: RateLimiterMemory;
  redis: RateLimiterRedis | null;
}

/**
 * Counts requests in windows that begin with the first one: in Redis, which all instances share, or in this process
 * where there is none, or while it is away.
 */
export class LimitStorage implements ThrottlerStorage {
  private readonly counters = new Map<string, Counters>();

  constructor(
    private readonly redis: Redis,
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Counts a request.
   * @param ttl the window in milliseconds
   * @param name the limit's name; its counters are made with the `ttl` and `limit` that come first
   */
  async increment(key: string, ttl: number, limit: number, _block: number, name: string): Promise<StoredRecord> {
    const { consumedPoints, msBeforeNext } = await this.ask(name, limit, ttl, (counter) => consume(counter, key));
    const isBlocked = consumedPoints > limit;
    const timeToExpire = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return {
      totalHits: consumedPoints,
      timeToExpire,
      isBlocked,
      timeToBlockExpire: isBlocked ? timeToExpire : 0,
      expiresAt: Date.now() + msBeforeNext,
    };
  }

  /** Takes a counted request back. */
  async decrement(key: string, ttl: number, limit: number, name: string): Promise<void> {
    await this.ask(name, limit, ttl, (counter) => counter.reward(key));
  }

  /** Takes all of a key's counted requests back. */
  async reset(key: string, ttl: number, limit: number, name: string): Promise<void> {
    await this.ask(name, limit, ttl, (counter) => counter.delete(key));
  }

  private async ask<T>(
    name: string,
    points: number,
    ttl: number,
    work: (counter: RateLimiterAbstract) => Promise<T>,
  ): Promise<T> {
    const { memory, redis } = this.countersOf(name, points, ttl / 1000);
    if (redis === null) return work(memory);
    const answer = await this.redis.ask('count', () => work(redis));
    if (answer !== null) return answer;
    this.metrics.limitFallbacks.inc();
    return work(memory);
  }

  private countersOf(name: string, points: number, duration: number): Counters {
    const known = this.counters.get(name);
    if (known) return known;
    const options = { points, duration, keyPrefix: `${this.config.redisPrefix}limit:${name}` };
    const { client } = this.redis;
    const counters = {
      memory: new RateLimiterMemory(options),
      redis: client && new RateLimiterRedis({ ...options, storeClient: client }),
    };
    this.counters.set(name, counters);
    return counters;
  }
}

/** What is left after counting; a limit that is spent is an answer like any other. */
async function consume(counter: RateLimiterAbstract, key: string): Promise<RateLimiterRes> {
  try {
    return await counter.consume(key);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal;
    throw refusal;
  }
}
