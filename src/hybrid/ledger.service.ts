import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, LessThan, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { requestContext } from '../common/request-context.js';
import { Config } from '../config/config.js';
import { insertNew } from '../database/insert-new.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Metrics } from '../metrics/metrics.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { FEATURE_RULES, type FeatureName, ofEach } from './features.js';
import { HybridUsage } from './hybrid-usage.entity.js';
import { LlmCall } from './llm-call.entity.js';
import type { TokenUsage } from './model.js';

/** What a call is for, and what it may cost. */
export interface CallOrder {
  userId: string;
  feature: FeatureName;
  sessionId: string | null;
  /** Whether it takes one of the learner's day. */
  isCounted: boolean;
  provider: string;
  model: string;
  /** In US dollars. */
  worstCaseUsd: number;
}

/** Longer than any call can take. */
const ORPHANED_AFTER_S = 120;
const SWEEP_EVERY_MS = 60_000;

/** Any number will do, as long as it is always the same: it names the lock. */
const RESERVATION_LOCK = 7_214_906_115;

/**
 * Every call of a model: reserved before it, settled or released after it. Quotas and the day's budget are counted from
 * it, one reservation at a time, so that they hold in every process.
 */
@Injectable()
export class LedgerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Ledger');
  private timer?: NodeJS.Timeout;

  constructor(
    @InjectRepository(LlmCall) private readonly calls: Repository<LlmCall>,
    @InjectRepository(HybridUsage) private readonly usages: Repository<HybridUsage>,
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
   * @returns the call's id
   * @throws {AppError} QUOTA_EXCEEDED; LLM_UNAVAILABLE if the day's budget is spent
   */
  async reserve(order: CallOrder): Promise<string> {
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
    const used = await this.unitOfWork.run(async (manager) => {
      if (manager.connection.options.type === 'postgres') {
        await manager.query('SELECT pg_advisory_xact_lock($1)', [RESERVATION_LOCK]);
      }
      const usedBefore = quota === null ? 0 : await manager.countBy(LlmCall, { userId, feature, day, ...USED });
      if (quota !== null && usedBefore >= quota) return usedBefore;
      if (dailyBudgetUsd !== null && (await spentOn(manager, day)) + worstCaseUsd > dailyBudgetUsd) {
        throw new AppError('LLM_UNAVAILABLE', 'The model has done all that it may do today', retryTomorrow(now));
      }
      await manager.insert(LlmCall, row);
      return usedBefore;
    });
    if (quota === null) return id;
    tellQuota(feature, userId, { limit: quota, used: Math.min(quota, used + 1), now });
    if (used < quota) return id;
    this.metrics.limitRefusals.inc({ limit: FEATURE_RULES[feature].quota });
    throw new AppError('QUOTA_EXCEEDED', 'The quota of this day is spent', retryTomorrow(now));
  }

  /**
   * Records what a call used, and once that the learner used the feature.
   * @param also what is stored with it, or not at all
   */
  async settle(
    id: string,
    usage: TokenUsage,
    { isCounted, latencyMs }: { isCounted: boolean; latencyMs: number },
    also: (manager: EntityManager) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const now = this.clock.now();
    const costUsd = this.costOf(usage);
    const { feature } = await this.unitOfWork.run(async (manager) => {
      const call = await manager.findOneByOrFail(LlmCall, { id });
      const settled = { ...usage, costUsd, latencyMs, isCounted, state: 'settled' as const, endedAt: now };
      await manager.update(LlmCall, id, settled);
      if (isCounted && call.userId !== null) await countUse(manager, call.userId, call.feature, call.day, now);
      await also(manager);
      return call;
    });
    this.metrics.llmTokens.inc({ feature, direction: 'input' }, usage.inputTokens);
    this.metrics.llmTokens.inc({ feature, direction: 'output' }, usage.outputTokens);
    this.metrics.llmCostUsd.inc({ feature }, costUsd);
    if (isCounted) this.metrics.premiumUses.inc({ feature });
  }

  /** Gives a call's place back: it was never answered. `unknown` if it may have cost something all the same. */
  async release(id: string, state: 'released' | 'unknown', latencyMs: number): Promise<void> {
    const ended = { state, latencyMs, isCounted: false, endedAt: this.clock.now() };
    await this.unitOfWork.run((manager) => manager.update(LlmCall, { id, state: 'reserved' }, ended));
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

  /** How often a user has used each feature on a day. */
  async usedOn(userId: string, day: string): Promise<Record<FeatureName, number>> {
    const rows = await this.calls
      .createQueryBuilder('call')
      .select('call.feature', 'feature')
      .addSelect('COUNT(*)', 'value')
      .where(USED)
      .andWhere('call.userId = :userId AND call.day = :day', { userId, day })
      .groupBy('call.feature')
      .getRawMany<FeatureValue>();
    return byFeature(rows);
  }

  /** What a user's calls of a month have cost, by feature. */
  async costsIn(userId: string, month: string): Promise<Record<FeatureName, number>> {
    const rows = await this.calls
      .createQueryBuilder('call')
      .select('call.feature', 'feature')
      .addSelect('SUM(call.costUsd)', 'value')
      .where('call.userId = :userId AND call.day LIKE :days', { userId, days: `${month}-%` })
      .groupBy('call.feature')
      .getRawMany<FeatureValue>();
    return byFeature(rows);
  }

  findUsage(userId: string, monthYear: string): Promise<HybridUsage | null> {
    return this.usages.findOneBy({ userId, monthYear });
  }

  /** Gives back the places of calls that nobody waits for any more, as after a crash. */
  async sweep(): Promise<void> {
    const before = this.clock.in(-ORPHANED_AFTER_S);
    if (!(await this.calls.existsBy({ state: 'reserved', createdAt: LessThan(before) }))) return;
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

/** Lets the answer tell what is left of the day. */
function tellQuota(
  feature: FeatureName,
  userId: string,
  { limit, used, now }: { limit: number; used: number; now: Date },
): void {
  const { retryAfter } = retryTomorrow(now);
  const resetAt = nextDay(now).getTime() / 1000;
  const counted = { name: FEATURE_RULES[feature].quota, key: userId, limit, used, resetAt, retryAfter, isShared: true };
  requestContext.getStore()?.limits.push(counted);
}

function retryTomorrow(now: Date): { retryAfter: number } {
  return { retryAfter: Math.max(1, Math.ceil((nextDay(now).getTime() - now.getTime()) / 1000)) };
}

interface FeatureValue {
  feature: FeatureName;
  value: string | number | null;
}

function byFeature(rows: FeatureValue[]): Record<FeatureName, number> {
  const values = new Map(rows.map(({ feature, value }) => [feature, Number(value)]));
  return ofEach((feature) => values.get(feature) ?? 0);
}

/** Calls that take one of a learner's day: those that are on their way, too. */
const USED = { isCounted: true, state: In(['reserved', 'settled']) };

/** What a day's calls have cost, and those may cost whose end is not known. */
async function spentOn(manager: EntityManager, day: string): Promise<number> {
  const [{ spent }] = await manager
    .createQueryBuilder(LlmCall, 'call')
    .select("SUM(CASE WHEN call.state = 'settled' THEN call.costUsd ELSE call.reservedUsd END)", 'spent')
    .where("call.day = :day AND call.state <> 'released'", { day })
    .getRawMany<{ spent: number | null }>();
  return Number(spent ?? 0);
}

async function countUse(
  manager: EntityManager,
  userId: string,
  feature: FeatureName,
  day: string,
  now: Date,
): Promise<void> {
  const { usage } = FEATURE_RULES[feature];
  const monthYear = day.slice(0, 7);
  const none = { adaptiveLearning: 0, llmAssessment: 0, synthesis: 0, mentorSessions: 0 };
  await insertNew(manager, HybridUsage, { userId, monthYear, ...none, createdAt: now, updatedAt: now });
  await manager.increment(HybridUsage, { userId, monthYear }, usage, 1);
  await manager.update(HybridUsage, { userId, monthYear }, { updatedAt: now });
}
