import { LRUCache } from 'lru-cache';
import type { Config } from '../config/config.js';
import type { ContentRevision } from './content-revision.js';

/** So many of a kind are kept; what was asked for the longest ago makes room. */
const MAX_KEPT = 1000;

/**
 * What has been read of the content, by its id, for as long as the content is in the state that it was read in. It is the
 * same object for all who ask, so nobody may change it.
 */
export class KnownContent<T extends object> {
  private readonly kept = new LRUCache<string, T>({ max: MAX_KEPT });
  private keptOf = '';

  /** @param read gives null for what does not exist, which is looked for again every time */
  constructor(
    private readonly revision: ContentRevision,
    private readonly config: Config,
    private readonly read: (id: string) => Promise<T | null>,
  ) {}

  async get(id: string): Promise<T | null> {
    if (this.config.cacheMemoryBytes === 0) return this.read(id);
    const revision = this.revision.known ?? (await this.revision.current());
    if (revision !== this.keptOf) {
      this.kept.clear();
      this.keptOf = revision;
    }
    return this.kept.get(id) ?? this.readAnew(id, revision);
  }

  private async readAnew(id: string, revision: string): Promise<T | null> {
    const found = await this.read(id);
    // What was read while the content changed may be of either state.
    if (found && (await this.revision.current()) === revision && this.keptOf === revision) this.kept.set(id, found);
    return found;
  }
}
