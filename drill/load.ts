import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../bench/client.js';
import { Tally } from './figures.js';
import { endWithRow } from './scope.js';

/** Clients that ask the same again and again, each as soon as it has its answer and has paused. */
export class Load {
  readonly statuses = new Tally();
  /** How long each answer took, in milliseconds. */
  readonly times: number[] = [];
  /** How many requests wait for their answers. */
  inFlight = 0;
  private isOver = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly askOnce: () => Promise<Answer>,
    { clients = 1, pauseMs = 0 } = {},
  ) {
    this.clients = Array.from({ length: clients }, () => this.ask(pauseMs));
    endWithRow(() => void (this.isOver = true));
  }

  /** Waits until each has its last answer. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  private async ask(pauseMs: number): Promise<void> {
    while (!this.isOver) {
      this.inFlight++;
      const { status, failure, ms } = await this.askOnce();
      this.inFlight--;
      this.statuses.add(failure ?? status);
      this.times.push(ms);
      await delay(pauseMs);
    }
  }
}
