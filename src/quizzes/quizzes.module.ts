import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ActivityModule } from '../activity/activity.module.js';
import { CoursesModule } from '../courses/courses.module.js';
import { UsersModule } from '../users/users.module.js';
import { AttemptsRepository } from './attempts.repository.js';
import { QuizAttempt } from './quiz-attempt.entity.js';
import { QuizCatalogModule } from './quiz-catalog.module.js';
import { QuizzesController } from './quizzes.controller.js';
import { RepeatedSubmission } from './repeated-submission.js';
import { SubmissionsService } from './submissions.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([QuizAttempt]), QuizCatalogModule, ActivityModule, CoursesModule, UsersModule],
  controllers: [QuizzesController],
  providers: [AttemptsRepository, SubmissionsService, RepeatedSubmission],
})
export class QuizzesModule {}
