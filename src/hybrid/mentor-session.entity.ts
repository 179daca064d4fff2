import { Entity } from 'typeorm';
import { IntegerColumn, KeyColumn, NumberColumn, ReferenceColumn, TimestampColumn } from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

/** A conversation with the mentor. */
@Entity('mentor_sessions')
export class MentorSession extends Timestamped {
  @KeyColumn()
  id: string;

  @ReferenceColumn()
  userId: string;

  @ReferenceColumn()
  courseId: string;

  @IntegerColumn()
  turns: number;

  /** In US dollars. */
  @NumberColumn()
  spentUsd: number;

  /** Since when a turn is being answered. */
  @TimestampColumn({ nullable: true })
  busySince: Date | null;
}
