import type { Redis as Client } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Counted } from './memory-counter.js';

const TAKE_BACK = "if redis.call('DECR', KEYS[1]) <= 0 then redis.call('DEL', KEYS[1]) end";

/** Counts requests where all instances do, in windows of one length that begin with the first request of their key. */
export class RedisCounter {
  private readonly counter: RateLimiterRedis;

  /**
   * @param windowMs how long a window is, in milliseconds
   * @param limit how many requests a window allows
   */
  constructor(
    private readonly client: Client,
    keyPrefix: string,
    windowMs: number,
    limit: number,
  ) {
    this.counter = new RateLimiterRedis({ storeClient: client, keyPrefix, duration: windowMs / 1000, points: limit });
  }

  /** Counts one request. @throws what the client says if Redis cannot be asked; so do the others */
  async count(key: string): Promise<Counted> {
    const { consumedPoints, msBeforeNext } = await this.consume(key);
    return { points: consumedPoints, expiresAt: Date.now() + msBeforeNext };
  }

  /** Takes one request back. A window begins with a request that stays counted. */
  async refund(key: string): Promise<void> {
    await this.client.eval(TAKE_BACK, 1, this.counter.getKey(key));
  }

  /** Takes all requests of a key back. */
  async forget(key: string): Promise<void> {
    await this.counter.delete(key);
  }

  /** A limit that is spent is an answer like any other. */
  private async consume(key: string): Promise<RateLimiterRes> {
    try {
      return await this.counter.consume(key);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    }
  }
}
