import { Entity, PrimaryColumn } from 'typeorm';
import { TextColumn } from '../database/columns.js';

/** The one row that says which state the content is in; triggers give it a new name with every change. */
@Entity('content_revision')
export class StoredRevision {
  @PrimaryColumn({ type: 'integer' })
  id: number;

  /** Random, so that a database that was restored never gives a name again. */
  @TextColumn()
  revision: string;
}
