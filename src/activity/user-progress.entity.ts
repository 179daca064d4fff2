import { Entity } from 'typeorm';
import { ReferenceColumn, SerialColumn, TimestampColumn } from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

/** That a learner has begun a course. What they completed are rows of their own, so that no update can lose one. */
@Entity('user_progress')
export class UserProgress extends Timestamped {
  @SerialColumn()
  id: number;

  @ReferenceColumn()
  userId: string;

  @ReferenceColumn()
  courseId: string;

  @TimestampColumn()
  lastAccessed: Date;
}
