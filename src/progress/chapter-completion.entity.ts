import { Entity } from 'typeorm';
import { KeyColumn, ReferenceColumn, TimestampColumn } from '../database/columns.js';

@Entity('chapter_completions')
export class ChapterCompletion {
  @KeyColumn()
  userId: string;

  @KeyColumn()
  chapterId: string;

  @ReferenceColumn()
  courseId: string;

  @TimestampColumn()
  completedAt: Date;
}
