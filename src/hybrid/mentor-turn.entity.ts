import { Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** A question to the mentor and its answer. */
@Entity('mentor_turns')
export class MentorTurn {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @ReferenceColumn()
  sessionId: string;

  @TextColumn()
  question: string;

  @TextColumn()
  answer: string;

  @TimestampColumn()
  createdAt: Date;
}
