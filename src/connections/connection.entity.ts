import { Entity } from 'typeorm';
import { JsonColumn, KeyColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../database/columns.js';

/**
 * What a learner has granted an app, once. With it goes every code and token that was issued on it. A trigger takes the
 * connections of a user away when their password changes or their account is disabled.
 */
@Entity('connections')
export class Connection {
  @KeyColumn()
  id: string;

  @ReferenceColumn()
  userId: string;

  /** An id of ours, or the URL of a client metadata document. */
  @TextColumn()
  clientId: string;

  /** As the learner was shown it; null where the app has none. */
  @TextColumn({ nullable: true })
  clientName: string | null;

  /** Separated by spaces. */
  @TextColumn()
  scopes: string;

  /** As the authorization server wrote it. */
  @JsonColumn({ select: false })
  payload: object;

  @TimestampColumn()
  createdAt: Date;

  /** When tokens were issued last. */
  @TimestampColumn()
  lastUsedAt: Date;

  @TimestampColumn()
  expiresAt: Date;
}
