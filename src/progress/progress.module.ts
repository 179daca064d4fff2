import { Module } from '@nestjs/common';
import { ActivityModule } from '../activity/activity.module.js';
import { ChaptersModule } from '../chapters/chapters.module.js';
import { CoursesModule } from '../courses/courses.module.js';
import { UsersModule } from '../users/users.module.js';
import { ProgressController } from './progress.controller.js';
import { ProgressRepository } from './progress.repository.js';
import { ProgressService } from './progress.service.js';

@Module({
  imports: [ActivityModule, ChaptersModule, CoursesModule, UsersModule],
  controllers: [ProgressController],
  providers: [ProgressService, ProgressRepository],
  exports: [ProgressService],
})
export class ProgressModule {}
