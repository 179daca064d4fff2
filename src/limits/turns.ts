/** For how long requests are worked on before the event loop gets its turns. */
const TURN_MS = 3;
/** How often it then turns, each time taking a new connection, before the next requests are worked on. */
const LOOP_TURNS = 4;

interface Waiting {
  begin: () => void;
  since: number;
}

/**
 * Lets the event loop turn while there is much to do. Work that never waits, such as SQLite's, would else be done for all
 * requests that have arrived before anything else is: no new connection is taken meanwhile (libuv takes one in each turn),
 * no probe answered, and nobody could tell how many requests there are.
 */
export class Turns {
  private readonly waiting: Waiting[] = [];
  private isUnderWay = false;
  private endsAt = 0;

  /** Begins at once if nobody waits and there is time left in this turn, else as soon as there is, in whatever context. */
  take(begin: () => void): void {
    if (!this.isUnderWay) this.startTurn();
    if (this.waiting.length === 0 && performance.now() < this.endsAt) begin();
    else this.waiting.push({ begin, since: performance.now() });
  }

  /** For how long the first of those who wait has waited, in milliseconds. */
  get delayMs(): number {
    return this.waiting.length === 0 ? 0 : performance.now() - this.waiting[0].since;
  }

  private startTurn(): void {
    this.endsAt = performance.now() + TURN_MS;
    this.isUnderWay = true;
    afterTurns(LOOP_TURNS, () => {
      this.endsAt = performance.now() + TURN_MS;
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

function afterTurns(count: number, work: () => void): void {
  setImmediate(() => (count <= 1 ? work() : afterTurns(count - 1, work)));
}
