import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ActivityRepository } from './activity.repository.js';
import { ActivityService } from './activity.service.js';
import { QuizScore } from './quiz-score.entity.js';
import { Streak } from './streak.entity.js';
import { UserProgress } from './user-progress.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserProgress, Streak, QuizScore])],
  providers: [ActivityService, ActivityRepository],
  exports: [ActivityService],
})
export class ActivityModule {}
