import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMIT_NAMES } from '../src/limits/limits.js';

const DIST = join(__dirname, '..');
/** What the benched program is set to, but for its database. */
export const SETTINGS = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: 'Bench-4f8Zq1LxT7vKc2NdYh9PwRs6Ue3M',
  LOG_LEVEL: 'info',
  LLM_PROVIDER: 'offline',
  ...Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '1000000000/minute'])),
};

export interface Running {
  child: ChildProcess;
  url: string;
  /** From the start of the process until it listened, in milliseconds. */
  startMs: number;
}

/** Starts a compiled script and waits until it prints the address that it listens on. */
export async function launch(
  script: string,
  args: string[],
  databaseUrl: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<Running> {
  const began = performance.now();
  const env = { ...process.env, ...SETTINGS, DATABASE_URL: databaseUrl, ...settings };
  const child = spawn(process.execPath, [join(DIST, script), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  // The log is read to its end, so that the pipe never fills.
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/[\d.]+:\d+/.exec(chunk.toString())?.[0];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`${script} ended before it listened`)));
  });
  return { child, url, startMs: performance.now() - began };
}

/** Runs a command of the built program; gives the milliseconds it took. */
export function command(args: string[], databaseUrl: string): number {
  const began = performance.now();
  const env = { ...process.env, ...SETTINGS, DATABASE_URL: databaseUrl };
  execFileSync(process.execPath, [join(DIST, 'src/cli.js'), ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - began;
}

export async function stop({ child }: Running): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Resident memory in MB (Linux). */
export function residentMegabytes({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Registers a learner; gives the email, and what to send as `Authorization`. */
export async function register(url: string): Promise<{ email: string; authorization: string }> {
  const username = `bench-${process.pid}-${Math.round(performance.now())}`;
  const email = `${username}@example.com`;
  const answer = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, username, password: 'a password of benches' }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return { email, authorization: `Bearer ${access_token}` };
}
