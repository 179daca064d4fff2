import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QuizCatalogModule } from '../quizzes/quiz-catalog.module.js';
import { Chapter } from './chapter.entity.js';
import { ChaptersController } from './chapters.controller.js';
import { ChaptersRepository } from './chapters.repository.js';
import { ChaptersService } from './chapters.service.js';
import { SectionsService } from './sections.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Chapter]), QuizCatalogModule],
  controllers: [ChaptersController],
  providers: [ChaptersService, ChaptersRepository, SectionsService],
  exports: [ChaptersService],
})
export class ChaptersModule {}
