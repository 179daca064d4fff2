import type { HealthCheckResult } from '@nestjs/terminus';
import { ApiProperty } from '@nestjs/swagger';

/** What the health checks found, in the form of Terminus. */
export class HealthDto implements HealthCheckResult {
  status: 'ok' | 'degraded' | 'error' | 'shutting_down';

  /** The checks that passed, by name. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  info: Record<string, { status: 'up' | 'degraded' }>;

  /** The checks that failed, by name. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  error: Record<string, { status: 'down' }>;

  /** All of them. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details: Record<string, { status: 'up' | 'degraded' | 'down' }>;
}
