import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ActivityService } from '../activity/activity.service.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { Metrics } from './metrics.js';

const DAYS = [1, 7, 30];
/** Counting all learners is not for free, and the figures move slowly. */
const COUNT_EVERY_MS = 60_000;

/** How many learners are active, and what their plans are: counted in the database when the metrics are read. */
@Injectable()
export class LearnerFigures implements OnModuleInit {
  private readonly logger = new Logger('LearnerFigures');
  private countedAt = -Infinity;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly activity: ActivityService,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  onModuleInit(): void {
    const { activeLearners, subscribers } = this.metrics;
    for (const gauge of [activeLearners, subscribers]) this.metrics.whenRead(gauge, () => this.refresh());
  }

  /** Where the database cannot be asked the figures stay as they were. */
  private async refresh(): Promise<void> {
    if (performance.now() - this.countedAt < COUNT_EVERY_MS) return;
    this.counting ??= this.count()
      .catch((error: Error) => this.logger.warn(`The learners were not counted: ${error.message}`))
      .finally(() => {
        this.countedAt = performance.now();
        this.counting = null;
      });
    await this.counting;
  }

  private async count(): Promise<void> {
    const { activeLearners, subscribers } = this.metrics;
    for (const days of DAYS) activeLearners.set({ days: String(days) }, await this.activity.countActive(days));
    for (const [plan, count] of await this.subscriptions.countByPlan()) subscribers.set({ plan }, count);
  }
}
