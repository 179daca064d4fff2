import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { BooleanColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';
import { Recorded } from '../database/recorded.js';

@Entity('subscriptions')
export class Subscription extends Recorded {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @ReferenceColumn()
  userId: string;

  @TextColumn()
  planType: 'free' | 'premium' | 'pro' | 'team';

  @TimestampColumn()
  startDate: Date;

  @TimestampColumn({ nullable: true })
  endDate: Date | null;

  @TimestampColumn({ nullable: true })
  cancelledAt: Date | null;

  @BooleanColumn()
  isActive: boolean;
}
