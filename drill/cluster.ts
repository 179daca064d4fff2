import { execFile, type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { appendFile, chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

const START_WITHIN_MS = 30_000;
const DEBIAN = '/usr/lib/postgresql';

/** PostgreSQL does not run as root: there it gets the account that its package makes. */
interface Account {
  uid: number;
  gid: number;
}

/** A PostgreSQL server of the drill's own, in one folder. */
export class Cluster {
  private server?: ChildProcess;

  private constructor(
    private readonly folder: string,
    private readonly programs: string,
    private readonly account: Account | null,
    private readonly port: number,
  ) {}

  /** Names a place for a cluster; nothing is there yet. `folder` is made. */
  static async in(folder: string): Promise<Cluster> {
    const account = await serverAccount();
    await mkdir(folder, { mode: 0o700 });
    if (account) await chown(folder, account.uid, account.gid);
    return new Cluster(folder, await findPrograms(), account, await freePort());
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
    await this.runProgram('cp', ['-R', base.data, this.data]);
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
    let log = '';
    const own = ['-p', String(this.port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`];
    const server = spawn(join(this.programs, 'postgres'), ['-D', this.data, ...own], {
      ...this.options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.server = server;
    server.stderr.on('data', (chunk) => (log += String(chunk)));
    for (const began = Date.now(); Date.now() - began < START_WITHIN_MS; await delay(20)) {
      if (server.exitCode !== null) break;
      if (await this.takesWrites()) return;
    }
    throw new Error(`PostgreSQL did not start:\n${log.slice(-2000)}`);
  }

  /** Ends the server as a loss of power does. Its children notice by themselves that it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGQUIT');
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

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  }

  private async run(program: string, args: string[]): Promise<void> {
    await this.runProgram(join(this.programs, program), args);
  }

  private async runProgram(program: string, args: string[]): Promise<void> {
    await promisify(execFile)(program, args, this.options);
  }

  private get options() {
    const env = { PATH: process.env.PATH, HOME: this.folder, LC_ALL: 'C' };
    return { cwd: this.folder, env, ...this.account };
  }
}

/** A folder in which every cluster may write. */
export async function sharedFolder(folder: string): Promise<string> {
  await mkdir(folder);
  const account = await serverAccount();
  if (account) await chown(folder, account.uid, account.gid);
  await chmod(folder, 0o700);
  return folder;
}

async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/** The newest of Debian's versions, or what is on the path. */
async function findPrograms(): Promise<string> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  const found = [...newestFirst, ...(process.env.PATH ?? '').split(delimiter)].find(hasServer);
  if (found === undefined) throw new Error("PostgreSQL's server programs were not found");
  return found;
}

function hasServer(folder: string): boolean {
  try {
    for (const program of ['initdb', 'postgres', 'pg_basebackup']) accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port');
  return address.port;
}
