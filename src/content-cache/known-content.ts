import { LRUCache } from 'lru-cache';
import type { ContentRevision } from './content-revision.js';

/** So many of a kind are kept; what was asked for the longest ago makes room. */
const MAX_KEPT = 1000;

/**
 * What has been read of the content, by its id, for as long as the content is in the state that it was read in. Of
 * those who ask for the same at once one reads it. It is the same object for all of them, so nobody may change it.
 */
export class KnownContent<T extends NonNullable<unknown>> {
  private readonly kept = new LRUCache<string, T>({ max: MAX_KEPT });
  private readonly underWay = new Map<string, Promise<T | null>>();
  private revisionOfKept = '';

  /** @param read gives null for what does not exist, which is looked for again every time */
  constructor(
    private readonly revision: ContentRevision,
    private readonly read: (id: string) => Promise<T | null>,
  ) {}

  async get(id: string): Promise<T | null> {
    const revision = this.revision.known ?? (await this.revision.current());
    if (revision !== this.revisionOfKept) {
      this.kept.clear();
      this.underWay.clear();
      this.revisionOfKept = revision;
    }
    return this.kept.get(id) ?? this.underWay.get(id) ?? this.readAnew(id, revision);
  }

  private readAnew(id: string, revision: string): Promise<T | null> {
    const reading = this.readAndKeep(id, revision).finally(() => {
      if (this.underWay.get(id) === reading) this.underWay.delete(id);
    });
    this.underWay.set(id, reading);
    return reading;
  }

  private async readAndKeep(id: string, revision: string): Promise<T | null> {
    const found = await this.read(id);
    // What was read while the content changed may be of either state.
    const isStill = (await this.revision.current()) === revision && this.revisionOfKept === revision;
    if (found !== null && isStill) this.kept.set(id, found);
    return found;
  }
}
