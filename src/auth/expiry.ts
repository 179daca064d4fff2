import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ConnectionsService } from '../connections/connections.service.js';
import { PasswordResets } from './password-resets.js';
import { SessionsService } from './sessions.service.js';

const EVERY_MS = 10 * 60 * 1000;

/** Clears away what has expired, now and then. */
@Injectable()
export class Expiry implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Expiry');
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly sessions: SessionsService,
    private readonly resets: PasswordResets,
    private readonly connections: ConnectionsService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.clear(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** What cannot be cleared now is cleared the next time. */
  async clear(): Promise<void> {
    try {
      await this.sessions.clearExpired();
      await this.resets.clearExpired();
      await this.connections.clearExpired();
    } catch (error) {
      this.logger.warn(`What has expired was not cleared: ${(error as Error).message}`);
    }
  }
}
