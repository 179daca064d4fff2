import { Entity } from 'typeorm';
import { IntegerColumn, KeyColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** One sign-in, which lives on through its refresh tokens; each of them replaces the one before. */
@Entity('sessions')
export class Session {
  @KeyColumn()
  id: string;

  @ReferenceColumn()
  userId: string;

  /** Of the refresh token that is good now. */
  @TextColumn({ select: false })
  tokenHash: string;

  /** Of the one that it replaced. */
  @TextColumn({ nullable: true, select: false })
  previousTokenHash: string | null;

  @TimestampColumn({ nullable: true })
  rotatedAt: Date | null;

  /** The user's token version at the sign-in; the session is dead when the user has a later one. */
  @IntegerColumn()
  tokenVersion: number;

  /** Of the address of the sign-in. */
  @TextColumn({ select: false })
  addressHash: string;

  @TimestampColumn()
  createdAt: Date;

  @TimestampColumn()
  expiresAt: Date;
}
