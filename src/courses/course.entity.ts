import { Entity } from 'typeorm';
import {
  BooleanColumn,
  JsonColumn,
  KeyColumn,
  NumberColumn,
  TextColumn,
  TimestampColumn,
} from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

@Entity('courses')
export class Course extends Timestamped {
  @KeyColumn()
  id: string;

  @TextColumn()
  title: string;

  /** The title as lists sort it: without accents and case. */
  @TextColumn()
  sortTitle: string;

  @TextColumn()
  description: string;

  @JsonColumn()
  prerequisites: string[];

  @TextColumn({ nullable: true })
  language: string | null;

  @TextColumn({ nullable: true })
  license: string | null;

  @TextColumn({ nullable: true })
  source: string | null;

  @NumberColumn({ nullable: true })
  estimatedHours: number | null;

  @BooleanColumn()
  published: boolean;

  /** When an operator took the course away, where learners' records still name it. */
  @TimestampColumn({ nullable: true })
  retiredAt: Date | null;
}
