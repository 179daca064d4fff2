import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { Optional } from '../common/optional.js';

export class UsageQuery {
  /** The month, YYYY-MM; this one unless told. @example "2026-11" */
  @Optional()
  @Matches(/^\d{4}-(0[1-9]|1[0-2])$/, { message: 'must be a month such as 2026-11' })
  month?: string;
}

/** In US dollars, to a millionth. */
class FeatureCostsDto {
  adaptive_learning: number;

  llm_assessment: number;

  synthesis: number;

  mentor_sessions: number;

  total: number;
}

export class QuotaDto {
  /** How often a UTC day. */
  @ApiProperty({ type: 'integer' })
  limit: number;

  /** So far today, the calls under way among them. */
  @ApiProperty({ type: 'integer' })
  used: number;

  @ApiProperty({ type: 'integer' })
  remaining: number;

  /** When the next UTC day begins. */
  resets_at: Date;
}

class QuotasDto {
  adaptive_learning: QuotaDto;

  llm_assessment: QuotaDto;

  synthesis: QuotaDto;

  mentor_sessions: QuotaDto;
}

export class HybridUsageDto {
  user_id: string;

  /** YYYY-MM, UTC. @example "2026-11" */
  month_year: string;

  /** How often it was used in the month. */
  @ApiProperty({ type: 'integer' })
  adaptive_learning: number;

  /** How often it was used in the month. */
  @ApiProperty({ type: 'integer' })
  llm_assessment: number;

  /** How often it was used in the month. */
  @ApiProperty({ type: 'integer' })
  synthesis: number;

  /** How many sessions were begun in the month. */
  @ApiProperty({ type: 'integer' })
  mentor_sessions: number;

  /** What the calls of the month really cost, in US dollars. */
  cost_usd: FeatureCostsDto;

  /** What is left of today. */
  quotas: QuotasDto;
}
