import type { HealthCheckResult } from '@nestjs/terminus';
import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';

/** What one check found. */
export class HealthCheckDto {
  /** `degraded`: the service goes on without it. */
  status: 'up' | 'degraded' | 'down';

  /** What is wrong. @example "The database cannot be reached" */
  message?: string;

  /** How long the check took, in milliseconds. */
  responseTime?: number;

  /** Whether another request had the check made, less than a second ago. */
  cachedResponse?: boolean;
}

const CHECKS = { type: 'object', additionalProperties: { $ref: getSchemaPath(HealthCheckDto) } } as const;

/** What the health checks found, in the form of Terminus. */
@ApiExtraModels(HealthCheckDto)
export class HealthDto implements HealthCheckResult {
  /** `ok` and `degraded` come with 200, the others with 503. */
  status: 'ok' | 'degraded' | 'error' | 'shutting_down';

  /** The checks that passed, by name. */
  @ApiProperty(CHECKS)
  info: Record<string, HealthCheckDto>;

  /** The checks that failed, by name. */
  @ApiProperty(CHECKS)
  error: Record<string, HealthCheckDto>;

  /** All of them. */
  @ApiProperty(CHECKS)
  details: Record<string, HealthCheckDto>;
}
