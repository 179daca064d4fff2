import pino, { type DestinationStream } from 'pino';

/** So many characters of lines go at once, or what there is after this time. */
const WRITTEN_AT_ONCE = 64_000;
const WRITTEN_AFTER_MS = 100;
/** How many characters are held at the most while nobody takes them; further lines are lost. */
const MOST_HELD = 16_000_000;
/** In UTF-8 at the most. */
const BYTES_OF_A_CHARACTER = 3;

/**
 * Takes a text, begins to write it when flushed, and says `drain` when it is done, `error` where it tries again with
 * the next.
 */
export type Output = Pick<ReturnType<typeof pino.destination>, 'write' | 'flush' | 'flushSync' | 'on'>;

let output: StandardOutput | undefined;

/** The standard output, for lines that nobody waits for; the last ones go when the process ends. */
export function standardOutput(): DestinationStream {
  const maxLength = 2 * MOST_HELD * BYTES_OF_A_CHARACTER;
  // Less than that is written only when flushed, so that what is left when the process ends can be written at once.
  const minLength = WRITTEN_AT_ONCE * BYTES_OF_A_CHARACTER;
  return (output ??= new StandardOutput(pino.destination({ sync: false, minLength, maxLength, maxWrite: maxLength })));
}

/**
 * Lines on their way out. What comes while others are written goes after them as one text, however much it is: pieces
 * of one size each, as pino's stream makes them, are fewer than come where a disk is slow, and what it holds then
 * grows.
 */
export class StandardOutput implements DestinationStream {
  private held = '';
  private lost = 0;
  private isWriting = false;
  private timer?: NodeJS.Timeout;

  constructor(private readonly output: Output) {
    output.on('drain', () => this.goOn());
    output.on('error', () => this.goOn());
    process.on('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.held.length > MOST_HELD) {
      this.lost++;
      return;
    }
    this.held += line;
    if (!this.isWriting) this.handOnSoon();
  }

  /** Pino asks for it after a fatal error. */
  flushSync(): void {
    if (this.held !== '') this.handOn();
    this.output.flushSync();
  }

  private goOn(): void {
    this.isWriting = false;
    if (this.held !== '') this.handOnSoon();
  }

  private handOnSoon(): void {
    if (this.held.length >= WRITTEN_AT_ONCE) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), WRITTEN_AFTER_MS).unref();
  }

  private begin(): void {
    this.isWriting = true;
    this.handOn();
    this.output.flush();
  }

  private handOn(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.output.write(this.held);
    this.held = '';
    if (this.lost === 0) return;
    process.emitWarning(`${this.lost} lines of the log are lost, as nobody took them in time`);
    this.lost = 0;
  }
}
