import { unavailable } from '../common/errors.js';

/** Runs one task after another. A task that would wait too long for its turn is refused with a 503. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly timeoutMs: number) {}

  /** @param task is told until when it may wait for what else it needs: its turn is a part of the same wait */
  async run<T>(task: (deadline: number) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.timeoutMs;
    let expired = false;
    let expire: NodeJS.Timeout | undefined;
    const turn = this.tail.then(() => {
      clearTimeout(expire);
      return expired ? undefined : { result: task(deadline) };
    });
    // The next task waits for this one to end, well or not, and a refused one lets it through.
    this.tail = turn.then((started) => started?.result).catch(() => undefined);
    const timeout = new Promise<undefined>((resolve) => {
      expire = setTimeout(() => {
        expired = true;
        resolve(undefined);
      }, this.timeoutMs);
    });
    const started = await Promise.race([turn, timeout]);
    if (!started) throw unavailable('The database is busy', 1);
    return started.result;
  }
}
