import type { MaybePromise } from '../common/maybe-promise.js';
import type { Changes } from './changes.js';

/** Enough for the learners of an evening; the one that was read first makes room. */
const MAX_USERS = 20_000;

/**
 * What has been read of users and has not changed since. While changes are not heard, every time it is read anew.
 */
export class UserCache<T extends object | null> {
  private readonly known = new Map<string, T>();
  /** Grows with every change, so that what was read before one is not kept after it. */
  private generation = 0;

  constructor(
    private readonly changes: Changes,
    private readonly read: (userId: string) => Promise<T>,
  ) {
    changes.onUser((userId) => this.forget(userId));
  }

  get(userId: string): MaybePromise<T> {
    const known = this.known.get(userId);
    return known === undefined ? this.readAnew(userId) : known;
  }

  private async readAnew(userId: string): Promise<T> {
    const { generation } = this;
    const found = await this.read(userId);
    if (this.changes.isHeard && generation === this.generation) this.keep(userId, found);
    return found;
  }

  private keep(userId: string, found: T): void {
    if (this.known.size >= MAX_USERS) {
      const [oldest] = this.known.keys();
      this.known.delete(oldest);
    }
    this.known.set(userId, found);
  }

  private forget(userId: string | null): void {
    this.generation++;
    if (userId === null) this.known.clear();
    else this.known.delete(userId);
  }
}
