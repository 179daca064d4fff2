import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { IntegerColumn, ReferenceColumn, TextColumn } from '../database/columns.js';
import { Recorded } from '../database/recorded.js';

/** How often a learner used each model-backed feature in one month. */
@Entity('hybrid_usage')
export class HybridUsage extends Recorded {
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
}
