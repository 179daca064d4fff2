import { Entity } from 'typeorm';
import { IntegerColumn, KeyColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** A learner's run of consecutive days of study, across courses. */
@Entity('streaks')
export class Streak {
  @KeyColumn()
  userId: string;

  @IntegerColumn()
  days: number;

  @IntegerColumn()
  longestDays: number;

  /** The learner's local date (YYYY-MM-DD) of the latest activity; null after a reset. */
  @TextColumn({ nullable: true })
  lastActiveOn: string | null;

  @TimestampColumn()
  updatedAt: Date;
}
