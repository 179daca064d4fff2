import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, LessThan, Repository } from 'typeorm';
import { isPostgres } from '../database/dialect.js';
import { insertNew } from '../database/insert-new.js';
import { FEATURE_RULES, type FeatureName, ofEach } from './features.js';
import { HybridUsage } from './hybrid-usage.entity.js';
import { LlmCall } from './llm-call.entity.js';

/** Any number will do, as long as it is always the same: it names the lock. */
const RESERVATION_LOCK = 7_214_906_115;

/** Calls that take one of a learner's day: those that are on their way, too. */
const USED = { isCounted: true, state: In(['reserved', 'settled']) };

interface FeatureValue {
  feature: FeatureName;
  value: string | number | null;
}

/**
 * What is counted and added up of the ledger. Days are UTC, YYYY-MM-DD, and months YYYY-MM; costs are in US dollars.
 */
@Injectable()
export class LedgerRepository {
  constructor(
    @InjectRepository(LlmCall) private readonly calls: Repository<LlmCall>,
    @InjectRepository(HybridUsage) private readonly usages: Repository<HybridUsage>,
  ) {}

  /** Lets one transaction at a time reserve, as what each may take depends on what the others have taken. */
  async lock(manager: EntityManager): Promise<void> {
    if (isPostgres(manager.connection)) await manager.query('SELECT pg_advisory_xact_lock($1)', [RESERVATION_LOCK]);
  }

  /** How often a user has used a feature on a day. */
  countUses(manager: EntityManager, userId: string, feature: FeatureName, day: string): Promise<number> {
    return manager.countBy(LlmCall, { userId, feature, day, ...USED });
  }

  /** What a day's calls have cost, and those may cost whose end is not known. */
  async spentOn(manager: EntityManager, day: string): Promise<number> {
    const [{ spent }] = await manager
      .createQueryBuilder(LlmCall, 'call')
      .select("SUM(CASE WHEN call.state = 'settled' THEN call.costUsd ELSE call.reservedUsd END)", 'spent')
      .where("call.day = :day AND call.state <> 'released'", { day })
      .getRawMany<{ spent: number | null }>();
    return Number(spent ?? 0);
  }

  /** Counts one more use of a feature in the month of this day. */
  async addUse(manager: EntityManager, userId: string, feature: FeatureName, day: string, now: Date): Promise<void> {
    const { usage } = FEATURE_RULES[feature];
    const monthYear = day.slice(0, 7);
    const none = { adaptiveLearning: 0, llmAssessment: 0, synthesis: 0, mentorSessions: 0 };
    await insertNew(manager, HybridUsage, { userId, monthYear, ...none, createdAt: now, updatedAt: now });
    await manager.increment(HybridUsage, { userId, monthYear }, usage, 1);
    await manager.update(HybridUsage, { userId, monthYear }, { updatedAt: now });
  }

  /** Whether a call that was reserved before this moment has not ended. */
  hasReservedBefore(moment: Date): Promise<boolean> {
    return this.calls.existsBy({ state: 'reserved', createdAt: LessThan(moment) });
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

  /** How often a user has used each feature in a month; null if none. */
  findUsage(userId: string, month: string): Promise<HybridUsage | null> {
    return this.usages.findOneBy({ userId, monthYear: month });
  }
}

function byFeature(rows: FeatureValue[]): Record<FeatureName, number> {
  const values = new Map(rows.map(({ feature, value }) => [feature, Number(value)]));
  return ofEach((feature) => values.get(feature) ?? 0);
}
