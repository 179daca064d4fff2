import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../config/config.js';
import { readerOptions } from './data-source.js';
import { DatabaseConnection } from './database-connection.js';
import { LongReads } from './long-reads.js';
import { QueryWatch } from './query-watch.js';
import { UnitOfWork } from './unit-of-work.js';
import { Changes } from './changes.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({ ...readerOptions(config), manualInitialization: true, retryAttempts: 0 }),
    }),
  ],
  providers: [DatabaseConnection, QueryWatch, LongReads, UnitOfWork, Changes],
  exports: [DatabaseConnection, LongReads, UnitOfWork, Changes],
})
export class DatabaseModule {}
