import { Module } from '@nestjs/common';
import { ActivityModule } from '../activity/activity.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { LearnerFigures } from './learner-figures.js';
import { MetricsController } from './metrics.controller.js';
import { Scrape } from './scrape.js';

/** Where the metrics are read. Whatever is measured knows `MetricsModule` alone. */
@Module({
  imports: [ActivityModule, SubscriptionsModule],
  controllers: [MetricsController],
  providers: [LearnerFigures, Scrape],
})
export class ScrapeModule {}
