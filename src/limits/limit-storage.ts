import type { ThrottlerStorage } from '@nestjs/throttler';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type Config } from '../config/config.js';
import type { Metrics } from '../metrics/metrics.js';
import { type Redis } from '../redis/redis.js';

type StoredRecord = Awaited<ReturnType<ThrottlerStorage['increment']>> & {
  /** When the window ends, in Unix milliseconds. */
  expiresAt: number;
  /** Whether it was counted where all instances do. */
  isShared: boolean;
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
    const { memory, redis } = this.countersOf(name, limit, ttl / 1000);
    const shared = redis && (await this.redis.ask('count', () => consume(redis, key)));
    if (redis && !shared) this.metrics.limitFallbacks.inc();
    const { consumedPoints, msBeforeNext } = shared ?? (await consume(memory, key));
    const isBlocked = consumedPoints > limit;
    const timeToExpire = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return {
      totalHits: consumedPoints,
      timeToExpire,
      isBlocked,
      timeToBlockExpire: isBlocked ? timeToExpire : 0,
      expiresAt: Date.now() + msBeforeNext,
      isShared: shared !== null,
    };
  }

  /**
   * Takes a counted request back, from where it was counted.
   * @param isShared as its counting has told
   */
  async decrement(key: string, ttl: number, limit: number, name: string, isShared: boolean): Promise<void> {
    const { memory, redis } = this.countersOf(name, limit, ttl / 1000);
    if (!isShared) await memory.reward(key);
    else if (redis) await this.redis.ask('count', () => redis.reward(key));
  }

  /** Takes all of a key's counted requests back. */
  async reset(key: string, ttl: number, limit: number, name: string): Promise<void> {
    const { memory, redis } = this.countersOf(name, limit, ttl / 1000);
    await memory.delete(key);
    if (redis) await this.redis.ask('count', () => redis.delete(key));
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
