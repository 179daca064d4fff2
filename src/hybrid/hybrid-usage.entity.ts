import { Entity } from 'typeorm';
import { IntegerColumn, ReferenceColumn, SerialColumn, TextColumn } from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

/** How often a learner used each model-backed feature in one month. */
@Entity('hybrid_usage')
export class HybridUsage extends Timestamped {
  @SerialColumn()
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
