import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QuizzesModule } from '../quizzes/quizzes.module.js';
import { Chapter } from './chapter.entity.js';
import { ChaptersController } from './chapters.controller.js';
import { ChaptersRepository } from './chapters.repository.js';
import { ChaptersService } from './chapters.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Chapter]), QuizzesModule],
  controllers: [ChaptersController],
  providers: [ChaptersService, ChaptersRepository],
  exports: [ChaptersService],
})
export class ChaptersModule {}
