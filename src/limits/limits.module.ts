import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { Redis } from '../redis/redis.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { LimitStorage, type MakeShared } from './limit-storage.js';
import { LimitsService } from './limits.service.js';

@Global()
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [Redis, Config, Metrics],
      useFactory: async (redis: Redis, config: Config, metrics: Metrics) => ({
        storage: new LimitStorage(redis, metrics, await sharedCounters(redis, config)),
        // One throttler for all routes: LimitGuard knows each route's figures by the limit's name.
        throttlers: [{ limit: 0, ttl: 0 }],
      }),
    }),
  ],
  providers: [LimitsService],
  exports: [ThrottlerModule, LimitsService],
})
export class LimitsModule {}

/** The library that counts in Redis is loaded only where there is one. */
async function sharedCounters({ client }: Redis, { redisPrefix }: Config): Promise<MakeShared | null> {
  if (!client) return null;
  const { RedisCounter } = await import('./redis-counter.js');
  return (name, limit, windowMs) => new RedisCounter(client, `${redisPrefix}limit:${name}`, windowMs, limit);
}
