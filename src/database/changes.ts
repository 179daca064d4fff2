import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { ChangeChannel, ChangeListener } from './change-channel.js';
import { DatabaseConnection } from './database-connection.js';
import { watchSqlite } from './sqlite-changes.js';

const RETRY_MS = 500;

/**
 * Whose account or plan has changed, or that content has, whoever changed it: this process, another one, or an
 * operator. It is heard within a second; of this process's own changes at once. While the channel is down nothing is
 * heard, and nobody may rely on it.
 */
@Injectable()
export class Changes implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly userListeners: ChangeListener['user'][] = [];
  private readonly contentListeners: ChangeListener['content'][] = [];
  private readonly logger = new Logger('Changes');
  private channel: ChangeChannel | null = null;
  private retry?: NodeJS.Timeout;
  private closing = false;
  private failure = '';

  constructor(
    private readonly connection: DatabaseConnection,
    private readonly config: Config,
  ) {}

  /** Whether changes are heard. */
  get isHeard(): boolean {
    return this.channel !== null;
  }

  onUser(listener: ChangeListener['user']): void {
    this.userListeners.push(listener);
  }

  onContent(listener: ChangeListener['content']): void {
    this.contentListeners.push(listener);
  }

  /** Tells this process at once of a change that it has committed itself. */
  announceUser(userId: string | null): void {
    for (const listener of this.userListeners) listener(userId);
  }

  /** Tells this process at once of a change that it has committed itself. */
  announceContent(): void {
    for (const listener of this.contentListeners) listener();
  }

  onApplicationBootstrap(): void {
    void this.open();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.retry);
    this.channel?.close();
  }

  private async open(): Promise<void> {
    if (!this.connection.isOpen) return this.openLater();
    const listener = {
      user: (userId: string | null) => this.announceUser(userId),
      content: () => this.announceContent(),
    };
    const onLost = (reason: string) => this.lose(reason);
    try {
      const channel = await this.listen(listener, onLost);
      this.announceAll();
      this.channel = channel;
      this.failure = '';
      if (this.closing) channel.close();
    } catch (error) {
      this.warn((error as Error).message);
      this.openLater();
    }
  }

  /** PostgreSQL's driver is loaded only where it is needed. */
  private async listen(listener: ChangeListener, onLost: (reason: string) => void): Promise<ChangeChannel> {
    const { database } = this.config;
    if (database.kind === 'sqlite') return watchSqlite(this.connection.reader, listener, onLost);
    const { listenInPostgres } = await import('./postgres-changes.js');
    return listenInPostgres(database.url, listener, onLost);
  }

  private lose(reason: string): void {
    if (this.channel === null) return;
    this.channel = null;
    this.announceAll();
    this.warn(reason);
    this.openLater();
  }

  private announceAll(): void {
    this.announceUser(null);
    this.announceContent();
  }

  /** Once for each reason, however often it is tried again. */
  private warn(reason: string): void {
    if (this.closing || reason === this.failure) return;
    this.failure = reason;
    this.logger.warn(`Changes are not heard, so that each request reads: ${reason}`);
  }

  private openLater(): void {
    if (!this.closing) this.retry = setTimeout(() => void this.open(), RETRY_MS);
  }
}
