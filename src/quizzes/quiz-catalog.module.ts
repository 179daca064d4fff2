import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Quiz } from './quiz.entity.js';
import { QuizzesRepository } from './quizzes.repository.js';
import { QuizzesService } from './quizzes.service.js';

/** The quizzes as courses and chapters need them, apart from who submits them. */
@Module({
  imports: [TypeOrmModule.forFeature([Quiz])],
  providers: [QuizzesService, QuizzesRepository],
  exports: [QuizzesService],
})
export class QuizCatalogModule {}
