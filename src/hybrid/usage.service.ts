import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { UsersService } from '../users/users.service.js';
import { FEATURES, ofEach } from './features.js';
import type { HybridUsageDto } from './usage.dto.js';
import { LedgerRepository } from './ledger.repository.js';
import { dayOf, LedgerService, nextDay } from './ledger.service.js';

/** What a learner has used of the features, and what is left of today. */
@Injectable()
export class UsageService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly repository: LedgerRepository,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {}

  /** @throws {AppError} USER_NOT_FOUND */
  async get(userId: string, month: string | undefined): Promise<HybridUsageDto> {
    await this.users.mustExist(userId);
    const now = this.clock.now();
    const monthYear = month ?? dayOf(now).slice(0, 7);
    const [usage, costs, used, limits] = await Promise.all([
      this.repository.findUsage(userId, monthYear),
      this.repository.costsIn(userId, monthYear),
      this.repository.usedOn(userId, dayOf(now)),
      this.ledger.quotasOf(userId),
    ]);
    const total = FEATURES.reduce((sum, feature) => sum + costs[feature], 0);
    return {
      user_id: userId,
      month_year: monthYear,
      adaptive_learning: usage?.adaptiveLearning ?? 0,
      llm_assessment: usage?.llmAssessment ?? 0,
      synthesis: usage?.synthesis ?? 0,
      mentor_sessions: usage?.mentorSessions ?? 0,
      cost_usd: { ...ofEach((feature) => round(costs[feature])), total: round(total) },
      quotas: ofEach((feature) => {
        const [limit, spent] = [limits[feature], used[feature]];
        return { limit, used: spent, remaining: Math.max(0, limit - spent), resets_at: nextDay(now) };
      }),
    };
  }
}

/** To a millionth of a dollar. */
function round(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}
