import { Module } from '@nestjs/common';
import { SearchModule } from '../search/search.module.js';
import { ContentHealth } from './content-health.js';
import { ContentService } from './content.service.js';

@Module({
  imports: [SearchModule],
  providers: [ContentService, ContentHealth],
  exports: [ContentService, ContentHealth],
})
export class ContentModule {}
