import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ReferenceColumn, TimestampColumn } from '../database/columns.js';
import { Recorded } from '../database/recorded.js';

/** That a learner has begun a course. What they completed are rows of their own, so that no update can lose one. */
@Entity('user_progress')
export class UserProgress extends Recorded {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @ReferenceColumn()
  userId: string;

  @ReferenceColumn()
  courseId: string;

  @TimestampColumn()
  lastAccessed: Date;
}
