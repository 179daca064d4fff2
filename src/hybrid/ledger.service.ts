import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type EntityManager, LessThan } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { type CountedLimit, requestContext } from '../common/request-context.js';
import { Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Metrics } from '../metrics/metrics.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { FEATURE_RULES, type FeatureName, ofEach } from './features.js';
import { LedgerRepository } from './ledger.repository.js';
import { LlmCall } from './llm-call.entity.js';
import type { TokenUsage } from './model.js';

/** What a call is for, and what it may cost. */
export interface CallOrder {
  userId: string;
  feature: FeatureName;
  sessionId: string | null;
  /** Whether it counts against the learner's daily quota. */
  isCounted: boolean;
  provider: string;
  model: string;
  /** In US dollars. */
  worstCaseUsd: number;
}

/** A call's place in the quota and the budget. */
export interface Reservation {
  /** The call's. */
  id: string;
  /** What the answer tells of the quota; null for a call that does not count. */
  told: CountedLimit | null;
}

/** Longer than any call can take. */
const ORPHANED_AFTER_S = 120;
const SWEEP_EVERY_MS = 60_000;

/**
 * Every call of a model: reserved before it, settled or released after it. Quotas and the day's budget are counted from
 * it, one reservation at a time, so that they hold in every process.
 */
@Injectable()
export class LedgerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Ledger');
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly repository: LedgerRepository,
    private readonly subscriptions: SubscriptionsService,
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = () =>
      void this.sweep().catch((error: Error) => this.logger.warn(`Nothing was swept: ${error.message}`));
    this.timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /**
   * Takes a call's place in the learner's quota and in the day's budget.
   * @throws {AppError} QUOTA_EXCEEDED; LLM_UNAVAILABLE if the day's budget is spent
   */
  async reserve(order: CallOrder): Promise<Reservation> {
    const quota = order.isCounted ? (await this.quotasOf(order.userId))[order.feature] : null;
    const { dailyBudgetUsd } = this.config.llm;
    const now = this.clock.now();
    const { worstCaseUsd, ...call } = order;
    const id = randomUUID();
    const row = {
      ...call,
      id,
      state: 'reserved' as const,
      reservedUsd: worstCaseUsd,
      requestId: requestContext.getStore()?.requestId ?? '',
      day: dayOf(now),
      createdAt: now,
    };
    const { userId, feature, day } = row;
    const { repository } = this;
    const used = await this.unitOfWork.run(async (manager) => {
      await repository.lock(manager);
      const usedBefore = quota === null ? 0 : await repository.countUses(manager, userId, feature, day);
      if (quota !== null && usedBefore >= quota) return usedBefore;
      if (dailyBudgetUsd !== null && (await repository.spentOn(manager, day)) + worstCaseUsd > dailyBudgetUsd) {
        throw new AppError('LLM_UNAVAILABLE', 'The model has done all that it may do today', retryTomorrow(now));
      }
      await manager.insert(LlmCall, row);
      return usedBefore;
    });
    if (quota === null) return { id, told: null };
    const told = tellQuota(feature, userId, { limit: quota, used: Math.min(quota, used + 1), now });
    if (used < quota) return { id, told };
    this.metrics.limitRefusals.inc({ limit: FEATURE_RULES[feature].quota });
    throw new AppError('QUOTA_EXCEEDED', 'The quota of this day is spent', retryTomorrow(now));
  }

  /**
   * Records what a call used, and that the learner used the feature if it counts.
   * @param also what is stored with it, or not at all
   */
  async settle(
    { id, told }: Reservation,
    usage: TokenUsage,
    { isCounted, latencyMs }: { isCounted: boolean; latencyMs: number },
    also: (manager: EntityManager) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const now = this.clock.now();
    const costUsd = this.costOf(usage);
    const { repository } = this;
    const { feature } = await this.unitOfWork.run(async (manager) => {
      const call = await manager.findOneByOrFail(LlmCall, { id });
      const settled = { ...usage, costUsd, latencyMs, isCounted, state: 'settled' as const, endedAt: now };
      await manager.update(LlmCall, id, settled);
      if (isCounted && call.userId !== null) await repository.addUse(manager, call.userId, call.feature, call.day, now);
      await also(manager);
      return call;
    });
    this.metrics.llmTokens.inc({ feature, direction: 'input' }, usage.inputTokens);
    this.metrics.llmTokens.inc({ feature, direction: 'output' }, usage.outputTokens);
    this.metrics.llmCostUsd.inc({ feature }, costUsd);
    if (isCounted) this.metrics.premiumUses.inc({ feature });
    else refund(told);
  }

  /** Gives a call's place back: it was never answered. `unknown` if it may have cost something all the same. */
  async release({ id, told }: Reservation, state: 'released' | 'unknown', latencyMs: number): Promise<void> {
    const ended = { state, latencyMs, isCounted: false, endedAt: this.clock.now() };
    await this.unitOfWork.run((manager) => manager.update(LlmCall, { id, state: 'reserved' }, ended));
    refund(told);
  }

  /** What tokens cost, in US dollars. */
  costOf({ inputTokens, outputTokens }: TokenUsage): number {
    if (this.config.llm.provider === 'offline') return 0;
    const { input, output } = this.config.llm.prices;
    return (inputTokens * input + outputTokens * output) / 1e6;
  }

  /** How often a user may use each feature a day. */
  async quotasOf(userId: string): Promise<Record<FeatureName, number>> {
    const times = (await this.subscriptions.opens(userId, 'quota.x3')) ? 3 : 1;
    return ofEach((feature) => this.config.limit(FEATURE_RULES[feature].quota).points * times);
  }

  /** Gives back the places of calls that nobody waits for any more, as after a crash. */
  async sweep(): Promise<void> {
    const before = this.clock.in(-ORPHANED_AFTER_S);
    if (!(await this.repository.hasReservedBefore(before))) return;
    const ended = { state: 'unknown' as const, isCounted: false, endedAt: this.clock.now() };
    await this.unitOfWork.run((manager) =>
      manager.update(LlmCall, { state: 'reserved', createdAt: LessThan(before) }, ended),
    );
  }
}

/** The UTC day of a moment, YYYY-MM-DD. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** When the next UTC day begins. */
export function nextDay(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1));
}

/** Has the answer tell what is left of the day. */
function tellQuota(
  feature: FeatureName,
  userId: string,
  { limit, used, now }: { limit: number; used: number; now: Date },
): CountedLimit {
  const { retryAfter } = retryTomorrow(now);
  const resetAt = nextDay(now).getTime() / 1000;
  const counted = { name: FEATURE_RULES[feature].quota, key: userId, limit, used, resetAt, retryAfter, isShared: true };
  requestContext.getStore()?.limits.push(counted);
  return counted;
}

/** Has the answer tell that the use came to nothing. */
function refund(told: CountedLimit | null): void {
  if (told) told.used--;
}

function retryTomorrow(now: Date): { retryAfter: number } {
  return { retryAfter: Math.max(1, Math.ceil((nextDay(now).getTime() - now.getTime()) / 1000)) };
}
