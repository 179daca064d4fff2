import { type DynamicModule, Module } from '@nestjs/common';
import { ActivityModule } from '../activity/activity.module.js';
import type { Config } from '../config/config.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { LearnerFigures } from './learner-figures.js';
import { MetricsController } from './metrics.controller.js';
import { Scrape } from './scrape.js';

/** Where the metrics are read. Whatever is measured knows `MetricsModule` alone. */
@Module({
  imports: [ActivityModule, SubscriptionsModule],
  providers: [LearnerFigures, Scrape],
})
export class ScrapeModule {
  /** In production nobody is told that there are metrics, unless there is a token for them. */
  static with({ isProduction, metricsToken }: Config): DynamicModule {
    const isOffered = !isProduction || metricsToken !== null;
    return { module: ScrapeModule, controllers: isOffered ? [MetricsController] : [] };
  }
}
