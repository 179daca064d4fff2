import { execFile } from 'node:child_process';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { binaries, own, serverAccount } from './postgres-programs.js';
import { freePort, Process, until } from './process.js';
import { temporaryFolder } from './scope.js';

const START_WITHIN_MS = 30_000;

/** A PostgreSQL server of the row's own that archives its log, is copied and recovered. */
export class Cluster {
  private server?: Process;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** Names a place for a cluster; nothing is there yet. */
  static async prepare(): Promise<Cluster> {
    return new Cluster(ownFolder(), await freePort());
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  async init(): Promise<void> {
    await this.run('initdb', ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  }

  /** A base backup of another cluster, which goes on. */
  async copyOf(source: Cluster): Promise<void> {
    await this.run('pg_basebackup', ['--dbname', source.url, '--pgdata', this.data, '--checkpoint=fast']);
  }

  /** The files of a base backup, which stay as they are. */
  async fill(base: Cluster): Promise<void> {
    await promisify(execFile)('cp', ['-R', base.data, this.data], this.options);
    await promisify(execFile)('chmod', ['700', this.data], this.options);
  }

  /** Adds lines to the cluster's settings. */
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
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap((setting) => ['-c', setting]);
    const args = ['-D', this.data, '-p', String(this.port), ...settings];
    const log = join(temporaryFolder(), 'log');
    const server = new Process(join(binaries(), 'postgres'), args, { ...this.options, log });
    this.server = server;
    const isThere = await until(async () => !server.isRunning || (await this.takesWrites()), START_WITHIN_MS);
    if (isThere === null || !server.isRunning) throw new Error(`PostgreSQL did not start:\n${server.tail}`);
  }

  /** Ends the server as a loss of power does. Its children notice by themselves that it is gone. */
  async kill(): Promise<void> {
    await this.server?.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.server?.end('SIGQUIT');
  }

  async wipe(): Promise<void> {
    await rm(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 1000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  private async takesWrites(): Promise<boolean> {
    const rows = await this.query<{ waits: boolean }>('SELECT pg_is_in_recovery() AS waits').catch(() => null);
    return rows?.[0].waits === false;
  }

  private async run(program: string, args: string[]): Promise<void> {
    await promisify(execFile)(join(binaries(), program), args, this.options);
  }

  private get options() {
    return { cwd: this.folder, env: { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C' }, ...serverAccount() };
  }
}

/** A folder in which the servers may write; gone after the row. */
export function ownFolder(): string {
  const folder = temporaryFolder();
  own(folder);
  return folder;
}
