import { Entity, JoinColumn, ManyToOne } from 'typeorm';
import { ReferenceColumn, SerialColumn, TextColumn, TimestampColumn } from '../database/columns.js';
import { MentorSession } from './mentor-session.entity.js';

/** A question to the mentor and its answer. */
@Entity('mentor_turns')
export class MentorTurn {
  @SerialColumn()
  id: number;

  @ReferenceColumn()
  sessionId: string;

  @ManyToOne(() => MentorSession)
  @JoinColumn({ name: 'session_id' })
  session?: MentorSession;

  @TextColumn()
  question: string;

  @TextColumn()
  answer: string;

  @TimestampColumn()
  createdAt: Date;
}
