import { Module } from '@nestjs/common';
import { BackupSchedule } from './backup-schedule.js';
import { Backups } from './backups.js';

@Module({ providers: [Backups, BackupSchedule], exports: [Backups] })
export class BackupModule {}
