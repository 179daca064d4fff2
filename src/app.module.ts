import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AuthGuard } from './auth/auth.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { OwnershipGuard } from './auth/ownership.guard.js';
import { ScopeGuard } from './auth/scope.guard.js';
import { BackupModule } from './backup/backup.module.js';
import { ChaptersModule } from './chapters/chapters.module.js';
import { ClockModule } from './common/clock.module.js';
import { ErrorFilter } from './common/error.filter.js';
import { InputRulesGuard } from './common/input-rules.guard.js';
import { validationPipe } from './common/validation.js';
import type { Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { ContentCacheModule } from './content-cache/content-cache.module.js';
import { ContentModule } from './content/content.module.js';
import { CoursesModule } from './courses/courses.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HybridModule } from './hybrid/hybrid.module.js';
import { LimitGuard } from './limits/limit.guard.js';
import { LimitsModule } from './limits/limits.module.js';
import { McpModule } from './mcp/mcp.module.js';
import { MetricsGuard } from './metrics/metrics.guard.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { ScrapeModule } from './metrics/scrape.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { ProgressModule } from './progress/progress.module.js';
import { QuizzesModule } from './quizzes/quizzes.module.js';
import { RedisModule } from './redis/redis.module.js';
import { SearchModule } from './search/search.module.js';
import { PremiumGuard } from './subscriptions/premium.guard.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { TracingModule } from './tracing/tracing.module.js';

/** The domains, and what every request passes on its way to them. */
@Module({
  imports: [
    ClockModule,
    MetricsModule,
    TracingModule,
    DatabaseModule,
    RedisModule,
    LimitsModule,
    AuthModule,
    OAuthModule,
    SubscriptionsModule,
    CoursesModule,
    ChaptersModule,
    QuizzesModule,
    ProgressModule,
    SearchModule,
    HybridModule,
    McpModule,
    ContentModule,
    ContentCacheModule,
    HealthModule,
    BackupModule,
  ],
  providers: [
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: LimitGuard },
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_GUARD, useClass: OwnershipGuard },
    { provide: APP_GUARD, useClass: PremiumGuard },
    { provide: APP_GUARD, useClass: MetricsGuard },
    { provide: APP_GUARD, useClass: InputRulesGuard },
    { provide: APP_PIPE, useFactory: validationPipe },
  ],
})
export class AppModule {
  static with(config: Config): DynamicModule {
    return { module: AppModule, imports: [ConfigModule.with(config), ScrapeModule.with(config)] };
  }
}
