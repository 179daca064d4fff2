import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Redis, REDIS_CLIENT, redisClient } from './redis.js';

@Global()
@Module({
  providers: [{ provide: REDIS_CLIENT, inject: [Config], useFactory: redisClient }, Redis],
  exports: [Redis],
})
export class RedisModule {}
