import { Entity } from 'typeorm';
import {
  BooleanColumn,
  JsonColumn,
  NumberColumn,
  ReferenceColumn,
  SerialColumn,
  TimestampColumn,
} from '../database/columns.js';

/** One graded submission. */
@Entity('quiz_attempts')
export class QuizAttempt {
  @SerialColumn()
  id: number;

  @ReferenceColumn()
  userId: string;

  @ReferenceColumn()
  quizId: string;

  /**
   * The client's own id of the submission, or one of ours; unique for the user. The column may be null, but none is.
   */
  @ReferenceColumn({ nullable: true })
  submissionId: string;

  @JsonColumn()
  answers: object;

  @NumberColumn()
  score: number;

  @BooleanColumn()
  passed: boolean;

  /** What the submission was answered, but for the attempt's id. */
  @JsonColumn()
  result: object;

  @TimestampColumn()
  completedAt: Date;
}
