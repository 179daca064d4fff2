import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QuizzesService } from './quizzes.service.js';
import { Quiz } from './quiz.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Quiz])],
  providers: [QuizzesService],
  exports: [QuizzesService],
})
export class QuizzesModule {}
