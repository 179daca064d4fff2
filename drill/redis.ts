import { join } from 'node:path';
import { freePort, isListening } from './ports.js';
import { Process, until } from './process.js';
import { temporaryFolder } from './scope.js';

const START_WITHIN_MS = 30_000;

/** A Redis of a row's own. */
export class Redis {
  private process: Process;

  private constructor(private readonly port: number) {}

  /** @throws if Redis is not on this machine */
  static async create(): Promise<Redis> {
    const redis = new Redis(await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server and waits until it takes connections. */
  async start(): Promise<void> {
    const folder = temporaryFolder();
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    this.process = new Process('redis-server', args, { cwd: folder, env: process.env, log: join(folder, 'log') });
    if ((await until(() => isListening(this.port), START_WITHIN_MS)) === null) {
      throw new Error(`redis-server did not start:\n${this.process.tail}`);
    }
  }

  async kill(): Promise<void> {
    await this.process.end('SIGKILL');
  }

  /** It takes what is sent and answers nothing. */
  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  thaw(): void {
    this.process.signal('SIGCONT');
  }
}
