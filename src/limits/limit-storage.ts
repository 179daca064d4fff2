import type { ThrottlerStorage } from '@nestjs/throttler';
import type { MaybePromise } from '../common/maybe-promise.js';
import type { Metrics } from '../metrics/metrics.js';
import { type Redis } from '../redis/redis.js';
import { type Counted, MemoryCounter } from './memory-counter.js';
import type { RedisCounter } from './redis-counter.js';

/** What has been counted for a key, and whether where all instances do. */
export interface CountedRequests extends Counted {
  isShared: boolean;
}

/** Makes what counts a limit's requests in Redis. */
export type MakeShared = (name: string, limit: number, windowMs: number) => RedisCounter;

interface Counters {
  memory: MemoryCounter;
  shared: RedisCounter | null;
}

/**
 * Counts requests in windows that begin with the first one: in Redis, which all instances share, or in this process
 * where there is none, or while it is away.
 */
export class LimitStorage implements ThrottlerStorage {
  private readonly counters = new Map<string, Counters>();

  /** @param makeShared null where there is no Redis */
  constructor(
    private readonly redis: Redis,
    private readonly metrics: Metrics,
    private readonly makeShared: MakeShared | null,
  ) {}

  /** What the throttler's own guard would ask; `LimitsService` counts instead. */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _block: number,
    name: string,
  ): ReturnType<ThrottlerStorage['increment']> {
    const { points, expiresAt } = await this.count(key, ttl, limit, name);
    const timeToExpire = Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000));
    const isBlocked = points > limit;
    return { totalHits: points, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
  }

  /**
   * Counts a request, at once where there is no Redis.
   * @param windowMs the window in milliseconds
   * @param name the limit's name; its counters are made with the window and the limit that come first
   */
  count(key: string, windowMs: number, limit: number, name: string): MaybePromise<CountedRequests> {
    const { memory, shared } = this.countersOf(name, limit, windowMs);
    if (shared) return this.countShared(key, memory, shared);
    const { points, expiresAt } = memory.count(key, Date.now());
    return { points, expiresAt, isShared: false };
  }

  /**
   * Takes a counted request back, from where it was counted.
   * @param isShared as its counting has told
   */
  async refund(key: string, windowMs: number, limit: number, name: string, isShared: boolean): Promise<void> {
    const { memory, shared } = this.countersOf(name, limit, windowMs);
    if (!isShared) memory.refund(key, Date.now());
    else if (shared) await this.redis.ask('count', () => shared.refund(key));
  }

  /** Takes all of a key's counted requests back. */
  async forget(key: string, windowMs: number, limit: number, name: string): Promise<void> {
    const { memory, shared } = this.countersOf(name, limit, windowMs);
    memory.forget(key);
    if (shared) await this.redis.ask('count', () => shared.forget(key));
  }

  private async countShared(key: string, memory: MemoryCounter, shared: RedisCounter): Promise<CountedRequests> {
    const counted = await this.redis.ask('count', () => shared.count(key));
    if (counted) return { ...counted, isShared: true };
    this.metrics.limitFallbacks.inc();
    const { points, expiresAt } = memory.count(key, Date.now());
    return { points, expiresAt, isShared: false };
  }

  private countersOf(name: string, limit: number, windowMs: number): Counters {
    const known = this.counters.get(name);
    if (known) return known;
    const counters = {
      memory: new MemoryCounter(windowMs),
      shared: this.makeShared?.(name, limit, windowMs) ?? null,
    };
    this.counters.set(name, counters);
    return counters;
  }
}
