import { Entity } from 'typeorm';
import { BooleanColumn, IntegerColumn, KeyColumn, TextColumn } from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';

@Entity('users')
export class User extends Timestamped {
  /** A uuid. */
  @KeyColumn()
  id: string;

  @TextColumn()
  email: string;

  /** The email in its one form, by which it is unique. */
  @TextColumn()
  canonicalEmail: string;

  @TextColumn()
  username: string;

  /** The username in its one form, by which it is unique. */
  @TextColumn()
  canonicalUsername: string;

  @TextColumn({ select: false })
  passwordHash: string;

  @TextColumn()
  role: 'learner' | 'admin';

  /** An IANA time zone, by which the streak's days are counted. */
  @TextColumn()
  timezone: string;

  @BooleanColumn()
  isActive: boolean;

  /** Raised to end every access token that was issued before. */
  @IntegerColumn()
  tokenVersion: number;
}
