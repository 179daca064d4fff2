import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { andThen, type MaybePromise } from '../common/maybe-promise.js';
import { readMoment } from './moment.js';
import { Changes } from '../database/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { UserCache } from '../database/user-cache.js';
import { UsersService } from '../users/users.service.js';
import { type Feature, type Plan, PLANS, type PlanType } from './plans.js';
import { hasEnded, type Subscription } from './subscription.entity.js';
import {
  type AccessDto,
  type PlanChoiceDto,
  type PlanDto,
  type SubscriptionDto,
  toPlanDto,
  toSubscriptionDto,
} from './subscriptions.dto.js';
import { type Subscriber, SubscriptionsRepository } from './subscriptions.repository.js';

/** Of those who set a user's plan at once one is first; the others try again on what they then find. */
const MAX_ATTEMPTS = 20;

/** Which plan a user has, and what it opens. */
@Injectable()
export class SubscriptionsService {
  private readonly subscribers: UserCache<Subscriber | null>;

  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {
    this.subscribers = new UserCache(changes, (userId) => this.subscriptions.findSubscriber(userId));
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
  planOf(userId: string): MaybePromise<Plan | null> {
    return andThen(
      this.subscribers.get(userId),
      (subscriber) => subscriber && PLANS[this.currentOf(subscriber)?.planType ?? 'free'],
    );
  }

  /** Whether the user's plan opens a feature; none does for no such user. */
  async opens(userId: string, feature: Feature): Promise<boolean> {
    return (await this.planOf(userId))?.features.includes(feature) ?? false;
  }

  /** How many users each plan has now; those without a row have the free one and are not counted. */
  countByPlan(): Promise<Map<PlanType, number>> {
    return this.subscriptions.countByPlan(this.clock.now());
  }

  /**
   * Gives a user a plan in the place of the one that they have.
   * @param endDate when it ends; null for a plan without an end
   * @throws {AppError} USER_NOT_FOUND; CONFLICT if others change it all the while
   */
  async set(userId: string, planType: PlanType, endDate: Date | null): Promise<SubscriptionDto> {
    await this.users.get(userId);
    const { subscriptions } = this;
    const now = this.clock.now();
    const work = (manager: EntityManager) => subscriptions.replace(manager, { userId, planType, endDate }, now);
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
    const { subscriptions } = this;
    const now = this.clock.now();
    await this.unitOfWork.run((manager) => subscriptions.cancel(manager, userId, now));
    this.changes.announceUser(userId);
  }

  /** Every plan that somebody has now, free ones that were chosen included. */
  async list(): Promise<Subscription[]> {
    const active = await this.subscriptions.listActive();
    return active.filter((subscription) => !hasEnded(subscription, this.clock.now()));
  }

  private async findCurrent(userId: string): Promise<Subscription | null> {
    const subscriber = await this.subscribers.get(userId);
    return subscriber && this.currentOf(subscriber);
  }

  private currentOf({ subscription }: Subscriber): Subscription | null {
    return subscription && !hasEnded(subscription, this.clock.now()) ? subscription : null;
  }
}

function falseIfTaken(error: unknown): false {
  if (isUniqueViolation(error)) return false;
  throw error;
}
