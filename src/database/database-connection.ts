import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { writerOptions } from './data-source.js';

const RETRY_MS = 1000;

/**
 * Opens the database and keeps trying where it is away, so that the process starts and lives without it and becomes
 * ready when it comes.
 */
@Injectable()
export class DatabaseConnection implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  /** Where the unit of work writes; on PostgreSQL the same pool as the reader's. */
  readonly writer: DataSource;
  private readonly logger = new Logger('Database');
  private retry?: NodeJS.Timeout;
  private closing = false;

  constructor(
    @InjectDataSource() readonly reader: DataSource,
    config: Config,
  ) {
    const options = writerOptions(config);
    this.writer = options ? new DataSource(options) : reader;
  }

  get isOpen(): boolean {
    return this.writer.isInitialized && this.reader.isInitialized;
  }

  /** @throws what the driver says if the database cannot be reached */
  async open(): Promise<void> {
    // The writer first: it creates SQLite's file, which a read-only connection cannot.
    if (!this.writer.isInitialized) await this.writer.initialize();
    if (!this.reader.isInitialized) await this.reader.initialize();
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      if (this.closing) return;
      this.logger.warn(`The database cannot be reached: ${(error as Error).message}`);
      this.retry = setTimeout(() => void this.onApplicationBootstrap(), RETRY_MS);
    }
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.retry);
  }

  /** For who has opened it without an application, which closes it by itself. */
  async close(): Promise<void> {
    if (this.reader.isInitialized) await this.reader.destroy();
    if (this.writer.isInitialized) await this.writer.destroy();
  }

  /** After the server has answered its last request. */
  async onApplicationShutdown(): Promise<void> {
    if (this.writer !== this.reader && this.writer.isInitialized) await this.writer.destroy();
  }
}
