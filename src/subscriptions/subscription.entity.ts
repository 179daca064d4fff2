import { Entity } from 'typeorm';
import { BooleanColumn, ReferenceColumn, SerialColumn, TextColumn, TimestampColumn } from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';
import type { PlanType } from './plans.js';

/** A plan that a user has or had; one of a user's rows at the most is active. */
@Entity('subscriptions')
export class Subscription extends Timestamped {
  @SerialColumn()
  id: number;

  @ReferenceColumn()
  userId: string;

  @TextColumn()
  planType: PlanType;

  @TimestampColumn()
  startDate: Date;

  /** Null for a plan without an end. */
  @TimestampColumn({ nullable: true })
  endDate: Date | null;

  /** A cancelled plan lasts until its end date nevertheless. */
  @TimestampColumn({ nullable: true })
  cancelledAt: Date | null;

  /** False for history. It stays true when the end date passes, so that date has to be looked at as well. */
  @BooleanColumn()
  isActive: boolean;
}

/** A plan past its end is none, whatever its row says. */
export function hasEnded({ endDate }: Pick<Subscription, 'endDate'>, now: Date): boolean {
  return endDate !== null && endDate <= now;
}
