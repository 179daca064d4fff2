import { execFile } from 'node:child_process';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { binaries, own, serverAccount } from './postgres-programs.js';
import { freePort } from './ports.js';
import { Process, until } from './process.js';
import { endWithRow, temporaryFolder } from './scope.js';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5000;

/** A PostgreSQL server of a row's own, which may be stopped, killed, copied and recovered. */
export class Postgres {
  private process?: Process;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** Names a place for a server; nothing is there yet. */
  static async prepare(folder = temporaryFolder()): Promise<Postgres> {
    own(folder);
    return new Postgres(folder, await freePort());
  }

  /**
   * Makes a server and starts it.
   * @param folder where its tables are
   * @param logFolder where its write-ahead log is, if not there
   * @throws if PostgreSQL's programs are not on this machine
   */
  static async create(folder?: string, logFolder?: string): Promise<Postgres> {
    const postgres = await Postgres.prepare(folder);
    await postgres.init(logFolder);
    await postgres.start();
    return postgres;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Makes an empty database. */
  async init(logFolder?: string): Promise<void> {
    if (logFolder !== undefined) own(logFolder);
    const log = logFolder === undefined ? [] : ['--waldir', join(logFolder, 'wal')];
    await this.run('initdb', ['-D', this.data, ...log, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  }

  /** A base backup of another server, which goes on. */
  async copyOf(source: Postgres): Promise<void> {
    await this.run('pg_basebackup', ['--dbname', source.url, '--pgdata', this.data, '--checkpoint=fast']);
  }

  /** The files of a base backup, which stay as they are. */
  async fill(base: Postgres): Promise<void> {
    await promisify(execFile)('cp', ['-R', base.data, this.data], this.options);
    await promisify(execFile)('chmod', ['700', this.data], this.options);
  }

  /** Adds lines to the server's settings. */
  async configure(settings: Record<string, string>): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
    await appendFile(join(this.data, 'postgresql.conf'), lines.join(''));
  }

  /** Makes the next start a recovery. */
  async recover(settings: Record<string, string>): Promise<void> {
    await this.configure(settings);
    await writeFile(join(this.data, 'recovery.signal'), '');
  }

  /** Starts the server and waits until it takes writes. */
  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=32MB'];
    const args = ['-D', this.data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])];
    const log = join(temporaryFolder(), 'log');
    const started = new Process(join(binaries(), 'postgres'), args, { ...this.options, log });
    this.process = started;
    // Its backends are in groups of their own; told to, it ends them.
    endWithRow(async () => {
      if (started.isRunning) await Promise.race([started.end('SIGQUIT'), delay(STOP_WITHIN_MS)]);
    });
    await until(async () => !started.isRunning || (await this.takesWrites()), START_WITHIN_MS);
    if (!(await this.takesWrites())) throw new Error(`PostgreSQL did not start:\n${started.tail}`);
  }

  /** Stops it as `pg_ctl stop -m immediate` does: nothing is finished, nothing is written. */
  async stopImmediately(): Promise<void> {
    await this.process?.end('SIGQUIT');
  }

  /** Ends the server as a loss of power does. Its children notice by themselves that it is gone. */
  async kill(): Promise<void> {
    await this.process?.end('SIGKILL');
  }

  /** Takes its files away. */
  async wipe(): Promise<void> {
    await rm(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
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

  query<Row extends object>(sql: string): Promise<Row[]> {
    return this.connect(async (client) => (await client.query<Row>(sql)).rows);
  }

  private async takesWrites(): Promise<boolean> {
    const rows = await this.query<{ waits: boolean }>('SELECT pg_is_in_recovery() AS waits').catch(() => null);
    return rows?.[0].waits === false;
  }

  private async run(program: string, args: string[]): Promise<void> {
    await promisify(execFile)(join(binaries(), program), args, this.options);
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private get options() {
    return { cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C' }, ...serverAccount() };
  }
}
