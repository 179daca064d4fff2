import { Entity } from 'typeorm';
import {
  BooleanColumn,
  IntegerColumn,
  KeyColumn,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

@Entity('chapters')
export class Chapter extends Timestamped {
  @KeyColumn()
  id: string;

  @ReferenceColumn()
  courseId: string;

  @TextColumn()
  title: string;

  /** Markdown, as the author wrote it. */
  @TextColumn()
  content: string;

  /** The place in the course, from 1. */
  @IntegerColumn()
  position: number;

  @ReferenceColumn({ nullable: true })
  nextChapterId: string | null;

  @ReferenceColumn({ nullable: true })
  prevChapterId: string | null;

  @BooleanColumn()
  isPremium: boolean;

  @IntegerColumn()
  estimatedMinutes: number;

  /** When an import took the chapter away, where learners' records still name it. */
  @TimestampColumn({ nullable: true })
  retiredAt: Date | null;
}
