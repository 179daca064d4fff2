/** What has been counted for one key. */
export interface Counted {
  /** Requests in the window so far. */
  points: number;
  /** When the window ends, in Unix milliseconds. */
  expiresAt: number;
}

/** How many windows that are over are forgotten with each request that begins one. */
const FORGOTTEN_AT_ONCE = 2;

/** Counts requests in this process, in windows of one length that begin with the first request of their key. */
export class MemoryCounter {
  /** In the order in which they began, and so in that in which they end. */
  private readonly windows = new Map<string, Counted>();

  /** @param windowMs how long a window is, in milliseconds */
  constructor(private readonly windowMs: number) {}

  /** How many keys are known. */
  get size(): number {
    return this.windows.size;
  }

  /** Counts one request. @param now in Unix milliseconds */
  count(key: string, now: number): Counted {
    const known = this.windows.get(key);
    if (known && now < known.expiresAt) {
      known.points++;
      return known;
    }
    this.windows.delete(key);
    this.forgetOver(now);
    const begun = { points: 1, expiresAt: now + this.windowMs };
    this.windows.set(key, begun);
    return begun;
  }

  /** Takes one request back, unless its window is over. A window begins with a request that stays counted. */
  refund(key: string, now: number): void {
    const known = this.windows.get(key);
    if (!known || now >= known.expiresAt) return;
    known.points--;
    if (known.points === 0) this.windows.delete(key);
  }

  /** Takes all requests of a key back. */
  forget(key: string): void {
    this.windows.delete(key);
  }

  private forgetOver(now: number): void {
    let left = FORGOTTEN_AT_ONCE;
    for (const [key, { expiresAt }] of this.windows) {
      if (left-- === 0 || now < expiresAt) return;
      this.windows.delete(key);
    }
  }
}
