import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { CallerDto } from '../auth/caller.dto.js';
import { IsMomentOrNull } from './moment.js';
import { Optional } from '../common/optional.js';
import { FEATURES, type Feature, PLAN_TYPES, type Plan, type PlanType } from './plans.js';
import type { Subscription } from './subscription.entity.js';

const PLAN_TYPE = { enum: PLAN_TYPES, enumName: 'PlanType', description: 'Which plan it is.' };
const FEATURE_LIST = {
  enum: FEATURES,
  enumName: 'Feature',
  enumSchema: { description: 'Something that a plan opens.' },
  isArray: true,
};

/** A plan that can be had. */
export class PlanDto {
  @ApiProperty(PLAN_TYPE)
  plan_type: PlanType;

  /** @example "Premium" */
  name: string;

  /** In US dollars a month. @example 9.99 */
  price: number;

  /** @example "USD" */
  currency: string;

  /** What it includes, in words. */
  includes: string[];

  /** What it opens beyond the free plan, by name. */
  @ApiProperty(FEATURE_LIST)
  features: Feature[];
}

/** A user's plan, and how long it lasts. */
export class SubscriptionDto {
  /** Null for the free plan of who never had another one. */
  @ApiProperty({ type: 'integer', nullable: true })
  id: number | null;

  user_id: string;

  @ApiProperty(PLAN_TYPE)
  plan_type: PlanType;

  /** When it began; of who never had a plan, the registration. */
  start_date: Date;

  /** When it ends; null where it has no end. */
  end_date: Date | null;

  /** When it was cancelled; it lasts until its end date nevertheless. */
  cancelled_at: Date | null;

  /** Whether the plan holds now: after it was cancelled too, until its end date. */
  is_active: boolean;

  created_at: Date;

  updated_at: Date;
}

/** What a user's plan opens now. */
export class AccessDto {
  @ApiProperty(PLAN_TYPE)
  plan_type: PlanType;

  /** Whether it opens premium chapters and quizzes and the hybrid features. */
  is_premium: boolean;

  /** When it ends; null where it has no end. */
  expires_at: Date | null;

  /** What it opens beyond the free plan, by name. */
  @ApiProperty(FEATURE_LIST)
  features: Feature[];
}

export class PlanChoiceDto extends CallerDto {
  @IsIn(PLAN_TYPES, { message: `must be one of ${PLAN_TYPES.join(', ')}` })
  @ApiProperty(PLAN_TYPE)
  plan_type: PlanType;

  /** When it ends: a date (midnight UTC) or a date and time; without one it has no end. @example "2027-01-31T00:00:00Z" */
  @Optional()
  @IsMomentOrNull()
  @ApiProperty({ type: 'string', nullable: true, required: false })
  end_date?: string | null;
}

export function toPlanDto(planType: PlanType, { name, price, includes, features }: Plan): PlanDto {
  return { plan_type: planType, name, price, currency: 'USD', includes, features };
}

export function toSubscriptionDto(subscription: Omit<Subscription, 'id'> & { id: number | null }): SubscriptionDto {
  return {
    id: subscription.id,
    user_id: subscription.userId,
    plan_type: subscription.planType,
    start_date: subscription.startDate,
    end_date: subscription.endDate,
    cancelled_at: subscription.cancelledAt,
    is_active: subscription.isActive,
    created_at: subscription.createdAt,
    updated_at: subscription.updatedAt,
  };
}
