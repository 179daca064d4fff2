import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import {
  type HealthCheckAttempt,
  HealthCheckService,
  type HealthIndicatorFunction,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { ContentService } from '../content/content.service.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { pendingMigrations } from '../database/migrate.js';
import type { HealthDto } from './health.dto.js';
import { ModelCaller } from '../hybrid/model-caller.js';
import { Redis } from '../redis/redis.js';
import { Shutdown } from './shutdown.js';

const SHARED_MS = 1000;
const TIMEOUT_MS = 2000;

/** What the checks found, and whether the process should be sent requests. */
export interface HealthReport {
  status: 200 | 503;
  result: HealthDto;
}

@Injectable()
export class HealthService {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly connection: DatabaseConnection,
    private readonly content: ContentService,
    private readonly shutdown: Shutdown,
    private readonly redis: Redis,
    private readonly model: ModelCaller,
  ) {}

  /** That the process can answer; asks nothing of anyone. */
  live(): HealthDto {
    return { status: 'ok', info: {}, error: {}, details: {} };
  }

  /** Whether the process should be sent requests. */
  ready(): Promise<HealthReport> {
    return this.report([this.lifecycle(), this.database(), this.migrations()]);
  }

  /** Every check there is. */
  everything(): Promise<HealthReport> {
    return this.report([this.lifecycle(), this.database(), this.migrations(), this.contentLinks()], [this.provider()]);
  }

  private async report(attempts: HealthCheckAttempt[], others: HealthIndicatorFunction[] = []): Promise<HealthReport> {
    const checks = [...attempts.map((attempt) => () => attempt), ...others, ...this.redisChecks()];
    try {
      return { status: 200, result: (await this.health.check(checks)) as HealthDto };
    } catch (error) {
      if (error instanceof ServiceUnavailableException)
        return { status: 503, result: error.getResponse() as HealthDto };
      throw error;
    }
  }

  private lifecycle(): HealthCheckAttempt {
    return this.indicators.check('lifecycle').attempt(() => {
      if (this.shutdown.isDraining) throw new Error('The server is shutting down');
    });
  }

  /** Where Redis is used: without it the limits go on in this process. */
  private redisChecks(): HealthIndicatorFunction[] {
    if (!this.redis.client) return [];
    const redis = this.indicators.check('redis');
    return [() => (this.redis.isUsable ? redis.up() : redis.degraded('Redis cannot be reached'))];
  }

  /** The rest goes on without the model's provider. */
  private provider(): HealthIndicatorFunction {
    const provider = this.indicators.check('llm');
    return () => (this.model.isAway ? provider.degraded('The provider is left alone for now') : provider.up());
  }

  private database(): HealthCheckAttempt {
    return this.shared('database', 'The database cannot be reached', () => this.connection.reader.query('SELECT 1'));
  }

  private migrations(): HealthCheckAttempt {
    return this.shared('migrations', 'The database is not migrated', async () => {
      const pending = await pendingMigrations(this.connection.reader);
      if (pending.length > 0) throw new Error(`${pending.length} migrations are pending`);
    });
  }

  private contentLinks(): HealthCheckAttempt {
    return this.shared('content', 'No course is there, or the chapters of one are not linked', async () => {
      if (!(await this.content.isSound())) throw new Error('The content is not sound');
    });
  }

  /** A check whose outcome is shared for a second, and which tells nothing of what the driver said. */
  private shared(key: string, failure: string, check: () => Promise<unknown>): HealthCheckAttempt {
    const attempt = () =>
      check().then(
        () => undefined,
        () => Promise.reject(new Error(failure)),
      );
    return this.indicators.check(key).attempt(attempt).withTimeout(TIMEOUT_MS).cacheFor(SHARED_MS);
  }
}
