import { Entity } from 'typeorm';
import {
  BooleanColumn,
  IntegerColumn,
  KeyColumn,
  NumberColumn,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../database/columns.js';
import type { FeatureName } from './features.js';

/**
 * `reserved` while the model is asked, `settled` when it has said what it used, `released` when it was never reached,
 * and `unknown` when nobody was there to hear its answer.
 */
export type CallState = 'reserved' | 'settled' | 'released' | 'unknown';

/** One call of a model: the ledger. */
@Entity('llm_calls')
export class LlmCall {
  @KeyColumn()
  id: string;

  /** Null when the account is gone. */
  @ReferenceColumn({ nullable: true })
  userId: string | null;

  @TextColumn()
  feature: FeatureName;

  @ReferenceColumn({ nullable: true })
  sessionId: string | null;

  @TextColumn()
  provider: string;

  @TextColumn()
  model: string;

  @TextColumn()
  state: CallState;

  /** Whether it counts against the learner's daily quota. */
  @BooleanColumn()
  isCounted: boolean;

  @IntegerColumn({ nullable: true })
  inputTokens: number | null;

  @IntegerColumn({ nullable: true })
  outputTokens: number | null;

  /** What it may cost at the most, in US dollars. */
  @NumberColumn()
  reservedUsd: number;

  /** What it cost, by the tokens that the provider reported. */
  @NumberColumn({ nullable: true })
  costUsd: number | null;

  @IntegerColumn({ nullable: true })
  latencyMs: number | null;

  @TextColumn()
  requestId: string;

  /** The UTC day whose quota and budget it belongs to, YYYY-MM-DD. */
  @TextColumn()
  day: string;

  @TimestampColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  endedAt: Date | null;
}
