import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PROJECT_ROOT } from '../src/common/project.js';
import { failOn, violationsOf } from './contract.js';

/** What a command of the built program printed, and how it ended. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a script of the built program with nothing of this process's environment but what is given. */
export function start(script: string, args: string[], settings: NodeJS.ProcessEnv, cwd = PROJECT_ROOT): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings };
  return spawn(process.execPath, [join(PROJECT_ROOT, 'dist/src', script), ...args], { cwd, env });
}

export async function cli(args: string[], settings: NodeJS.ProcessEnv): Promise<Outcome> {
  return outcomeOf(start('cli.js', args, settings));
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => (outcome.stdout += String(data)));
  child.stderr?.on('data', (data) => (outcome.stderr += String(data)));
  [outcome.code] = (await once(child, 'close')) as [number | null];
  return outcome;
}

export interface Server {
  child: ChildProcess;
  url: string;
  /** Everything that it has written so far. */
  log: () => string;
  /** Asks it, and holds the answer against the contract. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts the built server on a free port and waits until it tells where it is. */
export async function serve(settings: NodeJS.ProcessEnv): Promise<Server> {
  const child = start('main.js', [], { PORT: '0', ...settings });
  let log = '';
  child.stdout?.on('data', (data) => (log += String(data)));
  child.stderr?.on('data', (data) => (log += String(data)));
  for (const begin = Date.now(); Date.now() - begin < 20_000 && child.exitCode === null; await delay(20)) {
    const url = /API +(http:\/\/[^/"]+)\/api\/v1/.exec(log)?.[1];
    if (url) return { child, url, log: () => log, fetch: (path, init) => checkedFetch(url + path, init) };
  }
  child.kill('SIGKILL');
  throw new Error(`The server did not start:\n${log}`);
}

/** Ends it as an operator does. @returns its exit code */
export async function stop({ child }: Server): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  return ((await exit) as [number | null])[0];
}

async function checkedFetch(url: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  const body = Buffer.from(await answer.arrayBuffer());
  const { pathname, search } = new URL(url);
  const headers = Object.fromEntries(answer.headers);
  // What fetch gives has been decompressed.
  delete headers['content-encoding'];
  const exchange = { method: init?.method ?? 'GET', url: pathname + search, status: answer.status, headers, body };
  failOn(violationsOf(exchange));
  return new Response(body.length > 0 ? body : null, answer);
}
