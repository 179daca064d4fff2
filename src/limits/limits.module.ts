import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { Redis } from '../redis/redis.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { LimitStorage } from './limit-storage.js';
import { LimitsService } from './limits.service.js';

@Global()
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [Redis, Config, Metrics],
      useFactory: async (redis: Redis, config: Config, metrics: Metrics) => ({
        storage: new LimitStorage(
          redis,
          config,
          metrics,
          redis.client && (await import('./redis-counter.js')).RedisCounter,
        ),
        // One throttler for all routes: LimitGuard knows each route's figures by the limit's name.
        throttlers: [{ limit: 0, ttl: 0 }],
      }),
    }),
  ],
  providers: [LimitsService],
  exports: [ThrottlerModule, LimitsService],
})
export class LimitsModule {}
