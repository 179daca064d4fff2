import { Module } from '@nestjs/common';
import { SearchModule } from '../search/search.module.js';
import { ContentRepository } from './content.repository.js';
import { ContentService } from './content.service.js';

@Module({
  imports: [SearchModule],
  providers: [ContentService, ContentRepository],
  exports: [ContentService],
})
export class ContentModule {}
