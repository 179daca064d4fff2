import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { IntegerColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** How often a learner used each model-backed feature in one month. */
@Entity('hybrid_usage')
export class HybridUsage {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @ReferenceColumn()
  userId: string;

  /** YYYY-MM, UTC. */
  @TextColumn()
  monthYear: string;

  @IntegerColumn()
  adaptiveLearning: number;

  @IntegerColumn()
  llmAssessment: number;

  @IntegerColumn()
  synthesis: number;

  @IntegerColumn()
  mentorSessions: number;

  @TimestampColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;
}
