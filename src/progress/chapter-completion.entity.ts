import { Entity, PrimaryColumn } from 'typeorm';
import { ReferenceColumn, TimestampColumn } from '../database/columns.js';

@Entity('chapter_completions')
export class ChapterCompletion {
  @PrimaryColumn({ type: 'varchar', length: 128 })
  userId: string;

  @PrimaryColumn({ type: 'varchar', length: 128 })
  chapterId: string;

  @ReferenceColumn()
  courseId: string;

  @TimestampColumn()
  completedAt: Date;
}
