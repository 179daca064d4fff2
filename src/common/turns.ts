/** For how long there is work, at the least and at the most, before the event loop gets its turns. */
const TURN_MS = 3;
const LONG_TURN_MS = 25;
/** How often it then turns, each time taking a new connection, before there is work again. */
const LOOP_TURNS = 4;

interface Waiting {
  begin: () => void;
  since: number;
}

/**
 * Lets the event loop turn while there is much to do. Work that never waits, such as SQLite's, would else be done for
 * all requests that have arrived before anything else is: no new connection is taken meanwhile (libuv takes one in each
 * turn), no probe answered, and nobody could tell how many requests there are. Work takes about as long as the loop's
 * turns took, so that there is time for it also where these bring nothing but requests to be refused.
 */
class Turns {
  private readonly waiting: Waiting[] = [];
  private isUnderWay = false;
  private endsAt = 0;

  /**
   * Begins at once if nobody waits and there is time left in this turn, else as soon as there is, in whatever context.
   */
  take(begin: () => void): void {
    if (!this.isUnderWay) this.startTurn();
    if (this.waiting.length === 0 && performance.now() < this.endsAt) begin();
    else this.waiting.push({ begin, since: performance.now() });
  }

  /** Waits until there is time for the next piece of some long work. */
  next(): Promise<void> {
    return new Promise((resolve) => this.take(resolve));
  }

  /** For how long the first of those who wait has waited, in milliseconds. */
  get delayMs(): number {
    return this.waiting.length === 0 ? 0 : performance.now() - this.waiting[0].since;
  }

  private startTurn(): void {
    const beganAt = performance.now();
    this.endsAt = beganAt + TURN_MS;
    this.isUnderWay = true;
    afterTurns(LOOP_TURNS, () => {
      const now = performance.now();
      this.endsAt = now + Math.min(Math.max(TURN_MS, now - beganAt), LONG_TURN_MS);
      this.serve();
    });
  }

  private serve(): void {
    const next = performance.now() < this.endsAt ? this.waiting.shift() : undefined;
    if (next) {
      next.begin();
      // After all that it does at once, promises included, and within this turn.
      queueMicrotask(() => process.nextTick(() => this.serve()));
    } else {
      this.isUnderWay = false;
      if (this.waiting.length > 0) this.startTurn();
    }
  }
}

/** The turns of this process. */
export const turns = new Turns();

function afterTurns(count: number, work: () => void): void {
  setImmediate(() => (count <= 1 ? work() : afterTurns(count - 1, work)));
}
