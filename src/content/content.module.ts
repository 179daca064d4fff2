import { Module } from '@nestjs/common';
import { ContentHealth } from './content-health.js';
import { ContentService } from './content.service.js';

@Module({
  providers: [ContentService, ContentHealth],
  exports: [ContentService, ContentHealth],
})
export class ContentModule {}
