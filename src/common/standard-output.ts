import pino, { type DestinationStream } from 'pino';

/** So many bytes of lines go at once, or what there is after this time. */
const WRITTEN_AT_ONCE = 16_000;
const WRITTEN_AFTER_MS = 100;

let output: StandardOutput | undefined;

/** The standard output, for lines that nobody waits for; the last ones go when the process ends. */
export function standardOutput(): DestinationStream {
  return (output ??= new StandardOutput());
}

/** The lines of one turn of the event loop are handed on as one text: whatever it is handed, pino's stream looks through all that it holds. */
class StandardOutput implements DestinationStream {
  private readonly stream = pino.destination({
    sync: false,
    minLength: WRITTEN_AT_ONCE,
    periodicFlush: WRITTEN_AFTER_MS,
  });
  private lines: string[] = [];

  constructor() {
    process.on('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.lines.push(line) === 1) setImmediate(() => this.handOn());
  }

  /** Pino asks for it after a fatal error. */
  flushSync(): void {
    if (this.lines.length === 0) return;
    this.handOn();
    this.stream.flushSync();
  }

  private handOn(): void {
    this.stream.write(this.lines.join(''));
    this.lines = [];
  }
}
