import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { BooleanColumn, JsonColumn, NumberColumn, ReferenceColumn, TimestampColumn } from '../database/columns.js';

/** One graded submission. */
@Entity('quiz_attempts')
export class QuizAttempt {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @ReferenceColumn()
  userId: string;

  @ReferenceColumn()
  quizId: string;

  /** The client's own id of the submission, unique for the user. */
  @ReferenceColumn({ nullable: true })
  submissionId: string | null;

  @JsonColumn()
  answers: Record<string, unknown>;

  @NumberColumn()
  score: number;

  @BooleanColumn()
  passed: boolean;

  @TimestampColumn()
  completedAt: Date;
}
