import { Entity } from 'typeorm';
import { JsonColumn, KeyColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/** What else the authorization server keeps: clients, sign-ins, and the codes and refresh tokens that it has issued. */
@Entity('oauth_records')
export class OAuthRecord {
  /** A hash of the kind and of what it is found by, which is a secret for most kinds. */
  @KeyColumn()
  id: string;

  /** The authorization server's name of it, such as `RefreshToken`. */
  @TextColumn()
  kind: string;

  @ReferenceColumn({ nullable: true })
  userId: string | null;

  @ReferenceColumn({ nullable: true })
  connectionId: string | null;

  @TextColumn({ nullable: true })
  clientId: string | null;

  /** What a sign-in is found by besides its id. */
  @TextColumn({ nullable: true, select: false })
  uid: string | null;

  /** As the authorization server wrote it, but for what it is found by. */
  @JsonColumn({ select: false })
  payload: object;

  @TimestampColumn()
  createdAt: Date;

  /** When a code or a token was used up. */
  @TimestampColumn({ nullable: true })
  consumedAt: Date | null;

  /** Null for clients, which stay. */
  @TimestampColumn({ nullable: true })
  expiresAt: Date | null;
}
