import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { LongReads } from '../database/long-reads.js';
import { Statement } from '../database/statement.js';
import { PLAN_TYPES, type PlanType } from './plans.js';
import { hasEnded, Subscription } from './subscription.entity.js';

/** A user who is there, and the subscription that they have chosen or were given, if any. */
export interface Subscriber {
  subscription: Subscription | null;
}

/** No row for no such user, one without an id for a user without a subscription. */
const CURRENT = new Statement<Omit<Subscription, 'id'> & { id: number | null }, 'userId'>(
  `SELECT s.id, u.id AS "userId", s.plan_type AS "planType", s.start_date AS "startDate", s.end_date AS "endDate",
     s.cancelled_at AS "cancelledAt", s.is_active AS "isActive", s.created_at AS "createdAt", s.updated_at AS "updatedAt"
   FROM users u LEFT JOIN subscriptions s ON s.user_id = u.id AND s.is_active = true
   WHERE u.id = :userId`,
  {
    startDate: 'moment',
    endDate: 'moment',
    cancelledAt: 'moment',
    isActive: 'flag',
    createdAt: 'moment',
    updatedAt: 'moment',
  },
);

/** One statement, so that no end which is given at the same moment is lost. */
const CANCEL = new Statement<object, 'userId' | 'now'>(
  `UPDATE subscriptions SET cancelled_at = :now, updated_at = :now,
     is_active = (end_date IS NOT NULL), end_date = coalesce(end_date, :now)
   WHERE user_id = :userId AND is_active = true AND cancelled_at IS NULL`,
  {},
);

/** The subscriptions that users have and had. One that is active may be past its end date. */
@Injectable()
export class SubscriptionsRepository {
  constructor(
    @InjectRepository(Subscription) private readonly subscriptions: Repository<Subscription>,
    private readonly reads: LongReads,
  ) {}

  /** A user with their active subscription; null for no such user. */
  async findSubscriber(userId: string): Promise<Subscriber | null> {
    const row = await CURRENT.row(this.subscriptions.manager, { userId });
    if (!row) return null;
    const { id } = row;
    return { subscription: id === null ? null : { ...row, id } };
  }

  /** Every active subscription, the oldest first. */
  listActive(): Promise<Subscription[]> {
    return this.subscriptions.find({ where: { isActive: true }, order: { id: 'asc' } });
  }

  /** How many users have each plan at a moment; those without a subscription have the free one and are not counted. */
  async countByPlan(now: Date): Promise<Map<PlanType, number>> {
    const current = this.subscriptions
      .createQueryBuilder('subscription')
      .select('subscription.planType', 'plan')
      .addSelect('COUNT(*)', 'count')
      .where('subscription.isActive = :isActive', { isActive: true })
      .andWhere('(subscription.endDate IS NULL OR subscription.endDate > :now)', { now })
      .groupBy('subscription.planType');
    const rows = await this.reads.rows<{ plan: PlanType; count: number | string }>(current);
    const counts = new Map(rows.map(({ plan, count }) => [plan, Number(count)]));
    return new Map(PLAN_TYPES.map((plan) => [plan, counts.get(plan) ?? 0]));
  }

  /**
   * The same plan is given another end; another plan begins now, and the old one stays as history.
   * @returns whether the old plan was still as it was found
   */
  async replace(
    manager: EntityManager,
    { userId, planType, endDate }: Pick<Subscription, 'userId' | 'planType' | 'endDate'>,
    now: Date,
  ): Promise<boolean> {
    const old = await manager.findOneBy(Subscription, { userId, isActive: true });
    if (old?.planType === planType && !hasEnded(old, now)) {
      const again = { endDate, cancelledAt: null, updatedAt: now };
      return (await manager.update(Subscription, { id: old.id, isActive: true }, again)).affected === 1;
    }
    if (old) {
      const endedAt = old.endDate !== null && old.endDate < now ? old.endDate : now;
      const end = { isActive: false, endDate: endedAt, updatedAt: now };
      if ((await manager.update(Subscription, { id: old.id, isActive: true }, end)).affected !== 1) return false;
    }
    const row = { userId, planType, startDate: now, endDate, cancelledAt: null, isActive: true };
    await manager.insert(Subscription, { ...row, createdAt: now, updatedAt: now });
    return true;
  }

  /** Lets the active subscription end with its end date, or now if it has none. */
  async cancel(manager: EntityManager, userId: string, now: Date): Promise<void> {
    await CANCEL.affected(manager, { userId, now });
  }
}
