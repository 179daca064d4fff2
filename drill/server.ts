import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask } from '../bench/client.js';
import { residentMegabytes } from '../bench/process-figures.js';
import { SETTINGS } from '../bench/settings.js';
import { freePort } from './ports.js';
import { Process, until } from './process.js';
import { temporaryFolder } from './scope.js';

const DIST = join(__dirname, '..');
const START_WITHIN_MS = 30_000;

/** Nothing of the drill's own environment reaches the program but what it needs to run. */
function environment(settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  // A cheap password is a registration that takes no processor; a long token outlives the longest row.
  const cheap = { LOG_LEVEL: 'warn', BCRYPT_COST: '4', ACCESS_TOKEN_EXPIRE_MINUTES: '1440' };
  return { PATH, HOME, ...SETTINGS, ...cheap, ...settings };
}

/** The built server, on a port that it keeps when it is started again. */
export class Server {
  private process: Process;

  private constructor(
    private readonly settings: NodeJS.ProcessEnv,
    private readonly port: number,
    private readonly folder: string,
  ) {
    this.launch();
  }

  /** Starts a server and waits until it answers, ready or not. */
  static async start(settings: NodeJS.ProcessEnv): Promise<Server> {
    const server = new Server(settings, await freePort(), temporaryFolder());
    await server.mustAnswer('/health/live');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  /** Resident memory in megabytes; NaN, which no aim is met with, where the system does not tell. */
  get residentMegabytes(): number {
    return residentMegabytes(this) ?? NaN;
  }

  /** How many files, sockets and pipes it holds open. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** The processes that it has started itself. */
  get workers(): number[] {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  }

  /** What it has printed. */
  get log(): string {
    return this.process.log;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.process.end('SIGKILL');
  }

  /** Asks it to end. @returns its exit code */
  async stop(): Promise<number | null> {
    return this.process.end('SIGTERM');
  }

  /** Starts it again, after it has ended, and waits until it is ready. */
  async startAgain(): Promise<void> {
    this.launch();
    await this.mustAnswer('/health/ready');
  }

  /** Waits for the first 200. @returns the milliseconds until then; null if there was none in time */
  answers(path: string, withinMs: number): Promise<number | null> {
    return until(async () => (await ask(`${this.url}${path}`, { timeoutMs: 2000 })).status === 200, withinMs);
  }

  private launch(): void {
    const { settings, port, folder } = this;
    const env = environment({ ...settings, PORT: String(port) });
    this.process = new Process(process.execPath, [join(DIST, 'src/main.js')], {
      cwd: folder,
      env,
      log: join(folder, 'log'),
    });
  }

  private async mustAnswer(path: string): Promise<void> {
    if ((await this.answers(path, START_WITHIN_MS)) === null)
      throw new Error(`The server did not start:\n${this.process.tail}`);
  }
}

/** Runs a command of the built program; gives what it printed. @throws if it fails */
export async function command(args: string[], settings: NodeJS.ProcessEnv): Promise<string> {
  const env = environment(settings);
  const options = { cwd: temporaryFolder(), env };
  const { stdout } = await promisify(execFile)(process.execPath, [join(DIST, 'src/cli.js'), ...args], options);
  return stdout;
}
