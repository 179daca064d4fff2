import { Entity } from 'typeorm';
import {
  BooleanColumn,
  IntegerColumn,
  KeyColumn,
  NumberColumn,
  ReferenceColumn,
  TimestampColumn,
} from '../database/columns.js';

/** A learner's standing in one quiz: the latest result and the best. */
@Entity('quiz_scores')
export class QuizScore {
  @KeyColumn()
  userId: string;

  @KeyColumn()
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
