import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** The one open offer to a user to set a new password. */
@Entity('password_resets')
export class PasswordReset {
  @KeyColumn()
  userId: string;

  @TextColumn({ select: false })
  tokenHash: string;

  @TimestampColumn()
  expiresAt: Date;
}
