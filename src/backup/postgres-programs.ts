import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { childEnvironment } from '../config/child-environment.js';
import { BackupError } from './backup-error.js';

type Program = 'pg_dump' | 'pg_restore' | 'psql';

/** A program of PostgreSQL's that has been started. `ended` rejects with what the program had to say, if it failed. */
export interface Running extends Pick<ChildProcessWithoutNullStreams, 'stdin' | 'stdout'> {
  ended: Promise<void>;
}

/** PostgreSQL's own programs, for one database. They get its address by the environment, which no other user can read. */
export class PostgresPrograms {
  private readonly environment: NodeJS.ProcessEnv;

  constructor(url: string) {
    this.environment = childEnvironment(libpqSettings(url));
  }

  start(program: Program, args: string[], signal: AbortSignal): Running {
    const child = spawn(program, args, { env: this.environment, signal, stdio: 'pipe' });
    const ended = endOf(program, child);
    // Whoever awaits its end is told how it went, however late; a pipe that breaks before that tells less.
    ended.catch(() => undefined);
    child.stdin.on('error', () => undefined);
    return { stdin: child.stdin, stdout: child.stdout, ended };
  }

  /** Runs it to its end; gives what it printed. */
  async run(program: Program, args: string[], signal: AbortSignal): Promise<string> {
    const { stdin, stdout, ended } = this.start(program, args, signal);
    stdin.end();
    const [printed] = await Promise.all([text(stdout), ended]);
    return printed;
  }
}

async function endOf(program: Program, child: ChildProcessWithoutNullStreams): Promise<void> {
  const said = text(child.stderr).catch(() => '');
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new BackupError(`${program} failed: ${(await said).trim()}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BackupError(
      `${program} was not found: install PostgreSQL's client programs, of the server's version or newer`,
    );
  }
}

/** What `pg` reads from the URL, as libpq's environment. */
function libpqSettings(url: string): NodeJS.ProcessEnv {
  const { host, port, user, password, database, ssl } = new Client({ connectionString: url });
  const { searchParams } = new URL(url);
  const sslMode = searchParams.get('sslmode') ?? (ssl ? 'require' : null);
  const settings = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: sslMode === 'no-verify' ? 'require' : sslMode,
    PGSSLROOTCERT: searchParams.get('sslrootcert'),
    PGSSLCERT: searchParams.get('sslcert'),
    PGSSLKEY: searchParams.get('sslkey'),
    PGAPPNAME: 'course-companion-backup',
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value)) as NodeJS.ProcessEnv;
}
