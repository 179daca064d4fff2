import { TimestampColumn } from './columns.js';

/** An entity that keeps when its row was made and last changed; whoever writes the row sets both. */
export abstract class Timestamped {
  @TimestampColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;
}
