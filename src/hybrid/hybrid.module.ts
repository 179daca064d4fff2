import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChaptersModule } from '../chapters/chapters.module.js';
import { CoursesModule } from '../courses/courses.module.js';
import { ProgressModule } from '../progress/progress.module.js';
import { QuizCatalogModule } from '../quizzes/quiz-catalog.module.js';
import { SearchModule } from '../search/search.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AdaptiveLearningService } from './adaptive-learning.service.js';
import { AssessmentService } from './assessment.service.js';
import { HybridCalls } from './hybrid-calls.js';
import { HybridUsage } from './hybrid-usage.entity.js';
import { HybridController } from './hybrid.controller.js';
import { LedgerRepository } from './ledger.repository.js';
import { LedgerService } from './ledger.service.js';
import { LlmCall } from './llm-call.entity.js';
import { MentorSession } from './mentor-session.entity.js';
import { MentorSessions } from './mentor-sessions.js';
import { MentorTurn } from './mentor-turn.entity.js';
import { MentorService } from './mentor.service.js';
import { ModelCaller } from './model-caller.js';
import { SynthesisService } from './synthesis.service.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([LlmCall, HybridUsage, MentorSession, MentorTurn]),
    ChaptersModule,
    CoursesModule,
    ProgressModule,
    QuizCatalogModule,
    SearchModule,
    SubscriptionsModule,
    UsersModule,
  ],
  controllers: [HybridController],
  providers: [
    AdaptiveLearningService,
    AssessmentService,
    SynthesisService,
    MentorService,
    MentorSessions,
    UsageService,
    HybridCalls,
    LedgerService,
    LedgerRepository,
    ModelCaller,
  ],
  exports: [ModelCaller],
})
export class HybridModule {}
