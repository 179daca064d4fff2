import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithRow } from './scope.js';

const MAX_TAIL = 2000;

interface Start {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Where its output goes; a pipe that nobody reads would stop it. */
  log: string;
  uid?: number;
  gid?: number;
}

/** A process of a row's own, in a group of its own, so that Ctrl-C reaches the drill alone, which then ends it. */
export class Process {
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(
    command: string,
    args: string[],
    private readonly options: Start,
  ) {
    const { log, ...rest } = options;
    const output = openSync(log, 'a');
    this.child = spawn(command, args, { ...rest, detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    this.exited = once(this.child, 'exit').then(
      ([code]) => code as number | null,
      () => null,
    );
    endWithRow(() => this.killGroup());
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.child.spawnfile} cannot be started`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal that ends it, and waits until it has. @returns its exit code */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal);
    return this.exited;
  }

  /** What it has printed. */
  get log(): string {
    return readFileSync(this.options.log, 'utf8');
  }

  /** The end of what it has printed. */
  get tail(): string {
    return this.log.slice(-MAX_TAIL);
  }

  private async killGroup(): Promise<void> {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // Nobody is left of the group.
    }
    await this.exited;
  }
}

/**
 * Tries until it comes true.
 * @returns the milliseconds it took; null if it did not
 */
export async function until(isTrue: () => Promise<boolean> | boolean, withinMs: number): Promise<number | null> {
  const began = performance.now();
  for (;;) {
    if (await isTrue()) return performance.now() - began;
    if (performance.now() - began > withinMs) return null;
    await delay(20);
  }
}
