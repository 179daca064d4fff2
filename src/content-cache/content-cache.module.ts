import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ContentCache } from './content-cache.js';
import { ContentRevision } from './content-revision.js';
import { KnownAnswers } from './known-answers.js';
import { StoredRevision } from './stored-revision.entity.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([StoredRevision])],
  providers: [ContentCache, ContentRevision, KnownAnswers],
  exports: [ContentCache, ContentRevision, KnownAnswers],
})
export class ContentCacheModule {}
