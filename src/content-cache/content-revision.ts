import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Changes } from '../database/changes.js';
import { StoredRevision } from './stored-revision.entity.js';

/** Names the state that the content is in. While changes are not heard, every time it is read anew. */
@Injectable()
export class ContentRevision {
  private lastRead: string | null = null;
  private reading: Promise<string> | null = null;

  constructor(
    @InjectRepository(StoredRevision) private readonly revisions: Repository<StoredRevision>,
    private readonly changes: Changes,
  ) {
    changes.onContent(() => {
      this.lastRead = null;
      this.reading = null;
    });
  }

  /** Null where it has to be read. */
  get known(): string | null {
    return this.changes.isHeard ? this.lastRead : null;
  }

  /** @throws what the driver says if the database cannot be reached */
  async current(): Promise<string> {
    const { known } = this;
    if (known !== null) return known;
    if (this.reading !== null) return this.reading;
    const reading = this.read();
    this.reading = reading;
    try {
      const revision = await reading;
      // A change that was heard meanwhile has put another reading, or none, in this one's place.
      if (this.reading === reading && this.changes.isHeard) this.lastRead = revision;
      return revision;
    } finally {
      if (this.reading === reading) this.reading = null;
    }
  }

  private async read(): Promise<string> {
    const [{ revision }] = await this.revisions.find();
    return revision;
  }
}
