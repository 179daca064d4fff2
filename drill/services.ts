import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type Account, binaries, own, serverAccount } from './postgres-programs.js';
import { freePort, isListening, Process, until } from './process.js';
import { endWithRow, temporaryFolder } from './scope.js';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5000;

/** A PostgreSQL cluster of a row's own. */
export class Postgres {
  private process?: Process;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly account: Account | null,
  ) {}

  /**
   * Makes a cluster and starts it.
   * @param folder where its tables are
   * @param logFolder where its write-ahead log is, if not there
   * @throws if PostgreSQL's programs are not on this machine
   */
  static async create(folder = temporaryFolder(), logFolder = folder): Promise<Postgres> {
    const account = serverAccount();
    for (const owned of [folder, logFolder]) own(owned);
    const places = ['-D', join(folder, 'data'), '--waldir', join(logFolder, 'wal')];
    execFileSync(join(binaries(), 'initdb'), [...places, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      cwd: folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: 'pipe',
      ...account,
    });
    const postgres = new Postgres(folder, await freePort(), account);
    await postgres.start();
    return postgres;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts the server and waits until it takes connections. */
  async start(): Promise<void> {
    const { folder, port, account } = this;
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=32MB'];
    const started = new Process(
      join(binaries(), 'postgres'),
      ['-D', join(folder, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' }, log: join(temporaryFolder(), 'log'), ...account },
    );
    this.process = started;
    // Its backends are in groups of their own; told to, it ends them.
    endWithRow(async () => {
      if (started.isRunning) await Promise.race([started.end('SIGQUIT'), delay(STOP_WITHIN_MS)]);
    });
    if ((await until(() => this.isThere(), START_WITHIN_MS)) === null) {
      throw new Error(`PostgreSQL did not start:\n${started.tail}`);
    }
  }

  /** Stops it as `pg_ctl stop -m immediate` does: nothing is finished, nothing is written. */
  async stopImmediately(): Promise<void> {
    await this.process?.end('SIGQUIT');
  }

  async open(): Promise<Client> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Lends a connection of its own. */
  async connect<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.open();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async isThere(): Promise<boolean> {
    return this.connect(() => Promise.resolve(true)).catch(() => false);
  }
}

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
