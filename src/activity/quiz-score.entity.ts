import { Entity, PrimaryColumn } from 'typeorm';
import { BooleanColumn, IntegerColumn, NumberColumn, ReferenceColumn, TimestampColumn } from '../database/columns.js';

/** A learner's standing in one quiz: the latest result and the best. */
@Entity('quiz_scores')
export class QuizScore {
  @PrimaryColumn({ type: 'varchar', length: 128 })
  userId: string;

  @PrimaryColumn({ type: 'varchar', length: 128 })
  quizId: string;

  @ReferenceColumn()
  courseId: string;

  @NumberColumn()
  score: number;

  @BooleanColumn()
  passed: boolean;

  @NumberColumn()
  bestScore: number;

  @IntegerColumn()
  attempts: number;

  @TimestampColumn()
  submittedAt: Date;
}
