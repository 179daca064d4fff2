import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { goOn, type Soon } from '../common/at-once.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { readMoment } from '../common/moment.js';
import { Changes } from '../database/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { LongReads } from '../database/long-reads.js';
import { Statement } from '../database/statement.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { UserCache } from '../database/user-cache.js';
import { UsersService } from '../users/users.service.js';
import { type Feature, type Plan, PLANS, type PlanType } from './plans.js';
import { Subscription } from './subscription.entity.js';
import {
  type AccessDto,
  type PlanChoiceDto,
  type PlanDto,
  type SubscriptionDto,
  toPlanDto,
  toSubscriptionDto,
} from './subscriptions.dto.js';

/** Of those who set a user's plan at once one is first; the others try again on what they then find. */
const MAX_ATTEMPTS = 20;

/** A user who is there, and the subscription that they have chosen or were given, if any. */
interface Subscriber {
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

/** Which plan a user has, and what it opens. */
@Injectable()
export class SubscriptionsService {
  private readonly subscribers: UserCache<Subscriber | null>;

  constructor(
    @InjectRepository(Subscription) private readonly subscriptions: Repository<Subscription>,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly changes: Changes,
    private readonly reads: LongReads,
    private readonly clock: Clock,
  ) {
    this.subscribers = new UserCache(changes, (userId) => readSubscriber(this.subscriptions.manager, userId));
  }

  /** Every plan that can be had, the free one first. */
  plans(): PlanDto[] {
    return (Object.entries(PLANS) as [PlanType, Plan][]).map(([planType, plan]) => toPlanDto(planType, plan));
  }

  /** The user's plan now; a free one where there is none. @throws {AppError} USER_NOT_FOUND */
  async get(userId: string): Promise<SubscriptionDto> {
    const { createdAt, updatedAt } = await this.users.get(userId);
    const subscription = await this.findCurrent(userId);
    const free = { planType: 'free', startDate: createdAt, endDate: null, cancelledAt: null, isActive: true } as const;
    return toSubscriptionDto(subscription ?? { id: null, userId, ...free, createdAt, updatedAt });
  }

  /** What the user's plan opens now. @throws {AppError} USER_NOT_FOUND */
  async access(userId: string): Promise<AccessDto> {
    await this.users.get(userId);
    const { planType = 'free', endDate = null } = (await this.findCurrent(userId)) ?? {};
    const { features } = PLANS[planType];
    return {
      plan_type: planType,
      is_premium: features.includes('content.premium'),
      expires_at: endDate,
      features,
    };
  }

  /** The user's plan now, from memory where it is known; null for no such user. */
  planOf(userId: string): Soon<Plan | null> {
    return goOn(
      this.subscribers.get(userId),
      (subscriber) => subscriber && PLANS[this.currentOf(subscriber)?.planType ?? 'free'],
    );
  }

  /** Whether the user's plan opens a feature; none does for no such user. */
  async opens(userId: string, feature: Feature): Promise<boolean> {
    return (await this.planOf(userId))?.features.includes(feature) ?? false;
  }

  /** How many users each plan has now; those without a row have the free one and are not counted. */
  async countByPlan(): Promise<Map<PlanType, number>> {
    const current = this.subscriptions
      .createQueryBuilder('subscription')
      .select('subscription.planType', 'plan')
      .addSelect('COUNT(*)', 'count')
      .where('subscription.isActive = :isActive', { isActive: true })
      .andWhere('(subscription.endDate IS NULL OR subscription.endDate > :now)', { now: this.clock.now() })
      .groupBy('subscription.planType');
    const rows = await this.reads.rows<{ plan: PlanType; count: number | string }>(current);
    const none = Object.keys(PLANS).map((plan): [PlanType, number] => [plan as PlanType, 0]);
    return new Map([...none, ...rows.map(({ plan, count }): [PlanType, number] => [plan, Number(count)])]);
  }

  /**
   * Gives a user a plan in the place of the one that they have.
   * @param endDate when it ends; null for a plan without an end
   * @throws {AppError} USER_NOT_FOUND; CONFLICT if others change it all the while
   */
  async set(userId: string, planType: PlanType, endDate: Date | null): Promise<SubscriptionDto> {
    await this.users.get(userId);
    const now = this.clock.now();
    const work = (manager: EntityManager) => replace(manager, userId, planType, endDate, now);
    for (let attempt = 1; !(await this.unitOfWork.run(work).catch(falseIfTaken)); attempt++) {
      if (attempt === MAX_ATTEMPTS) throw new AppError('CONFLICT', 'The plan is being changed by others');
    }
    this.changes.announceUser(userId);
    return this.get(userId);
  }

  /** An admin's choice for a user. @throws as `set` does */
  choose(userId: string, { plan_type, end_date }: PlanChoiceDto): Promise<SubscriptionDto> {
    return this.set(userId, plan_type, end_date ? readMoment(end_date) : null);
  }

  /** Lets the user's plan end with its end date, or now if it has none. @throws {AppError} USER_NOT_FOUND */
  async cancel(userId: string): Promise<void> {
    await this.users.get(userId);
    const now = this.clock.now();
    await this.unitOfWork.run((manager) => CANCEL.affected(manager, { userId, now }));
    this.changes.announceUser(userId);
  }

  /** Every plan that somebody has now, free ones that were chosen included. */
  async list(): Promise<Subscription[]> {
    const active = await this.subscriptions.find({ where: { isActive: true }, order: { id: 'asc' } });
    return active.filter((subscription) => !hasEnded(subscription, this.clock.now()));
  }

  private async findCurrent(userId: string): Promise<Subscription | null> {
    const subscriber = await this.subscribers.get(userId);
    return subscriber && this.currentOf(subscriber);
  }

  /** A plan past its end is none, whatever its row says. */
  private currentOf({ subscription }: Subscriber): Subscription | null {
    return subscription && !hasEnded(subscription, this.clock.now()) ? subscription : null;
  }
}

async function readSubscriber(manager: EntityManager, userId: string): Promise<Subscriber | null> {
  const row = await CURRENT.row(manager, { userId });
  if (!row) return null;
  const { id } = row;
  return { subscription: id === null ? null : { ...row, id } };
}

function hasEnded({ endDate }: Subscription, now: Date): boolean {
  return endDate !== null && endDate <= now;
}

function falseIfTaken(error: unknown): false {
  if (isUniqueViolation(error)) return false;
  throw error;
}

/**
 * The same plan is given another end; another plan begins now, and the old one stays as history.
 * @returns whether the old plan was still as it was found
 */
async function replace(
  manager: EntityManager,
  userId: string,
  planType: PlanType,
  endDate: Date | null,
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
