import { Module } from '@nestjs/common';
import { SearchIndex } from './search-index.js';
import { SearchIndexRepository } from './search-index.repository.js';
import { SearchController } from './search.controller.js';
import { SearchRepository } from './search.repository.js';
import { SearchService } from './search.service.js';
import { Vocabulary } from './vocabulary.js';

@Module({
  controllers: [SearchController],
  providers: [SearchService, SearchRepository, SearchIndex, SearchIndexRepository, Vocabulary],
  exports: [SearchService, SearchIndex],
})
export class SearchModule {}
