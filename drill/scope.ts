import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Undo = () => Promise<void> | void;

/** All that a row has started. It ends with the row, also where the row hangs, fails or the drill is stopped. */
export class Scope {
  private readonly undos: Undo[] = [];
  private isOver = false;

  /** @throws if the row is over, as when it goes on after its time-out; what it has just started is ended at once */
  add(undo: Undo): void {
    if (this.isOver) {
      void undo();
      throw new Error('The row is over');
    }
    this.undos.push(undo);
  }

  /** Ends what was started last first. */
  async end(): Promise<void> {
    this.isOver = true;
    for (let undo = this.undos.pop(); undo; undo = this.undos.pop()) {
      try {
        await undo();
      } catch (error) {
        console.error(error);
      }
    }
  }
}

const current = new AsyncLocalStorage<Scope>();

export function inScope<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  return current.run(scope, work);
}

/** Says how to end what the row has started. */
export function endWithRow(undo: Undo): void {
  const scope = current.getStore();
  if (!scope) throw new Error('Nothing is started outside a row');
  scope.add(undo);
}

/** A folder that is gone after the row. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-drill-'));
  endWithRow(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
