import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { nextRun } from '../common/cron.js';
import { Config } from '../config/config.js';
import { Metrics } from '../metrics/metrics.js';
import { BackupTakenError } from './backup-error.js';
import { Backups } from './backups.js';

/** Longer waits are taken in pieces, as a timer takes no more than 24 days and a clock may be set. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Makes backups when BACKUP_SCHEDULE says so, one after another. A backup is named by its tick, so that of several
 * processes with one folder one makes it. Only a process that listens does: a command has the same modules.
 */
@Injectable()
export class BackupSchedule implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Backups');
  private readonly stop = new AbortController();
  private ended: Promise<void> | null = null;

  constructor(
    private readonly backups: Backups,
    private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const { backupSchedule } = this.config;
    if (backupSchedule === null) return;
    const { backupSucceededAt } = this.metrics;
    this.metrics.whenRead(backupSucceededAt, async () => {
      const at = await this.backups.lastSuccess();
      backupSucceededAt.set((at?.getTime() ?? 0) / 1000);
    });
    this.host.listen$.subscribe(() => {
      this.ended ??= this.follow(backupSchedule);
    });
  }

  /** Breaks off the backup that is under way: what is there of it is taken away. */
  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    await this.ended;
  }

  private async follow(schedule: string): Promise<void> {
    for (let tick = nextRun(schedule, new Date()); tick; tick = nextRun(schedule, new Date())) {
      await this.wait(tick);
      if (this.stop.signal.aborted) return;
      await this.make(tick);
    }
  }

  private async wait(until: Date): Promise<void> {
    const { signal } = this.stop;
    for (let rest = until.getTime() - Date.now(); rest > 0 && !signal.aborted; rest = until.getTime() - Date.now()) {
      await delay(Math.min(rest, LONGEST_WAIT_MS), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async make(tick: Date): Promise<void> {
    try {
      this.logger.log(`made ${await this.backups.create(tick, this.stop.signal)}`);
    } catch (error) {
      if (error instanceof BackupTakenError || this.stop.signal.aborted) return;
      this.logger.error(`The backup failed and is tried again at the next tick: ${(error as Error).message}`);
    }
  }
}
