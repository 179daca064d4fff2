import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inPlace, type Place } from './cores.js';
import type { BenchDatabase, DatabaseAddress } from './database.js';
import { SETTINGS } from './settings.js';

const DIST = join(__dirname, '..');
const run = promisify(execFile);
const POLL_MS = 2;

export interface Running {
  child: ChildProcess;
  url: string;
  /** From the start of the process until it listened, in milliseconds. */
  startMs: number;
}

export interface LaunchOptions {
  args?: string[];
  settings?: NodeJS.ProcessEnv;
  place?: Place;
}

let launched = 0;
const running = new Set<Running>();

/** Starts a compiled script and waits until its log, which goes to a file, tells the address that it listens on. */
export async function launch(script: string, database: BenchDatabase, options: LaunchOptions = {}): Promise<Running> {
  const { args = [], settings = {}, place = 'server' } = options;
  const log = join(database.folder, `${++launched}.log`);
  const file = openSync(log, 'w');
  const env = { ...process.env, ...SETTINGS, DATABASE_URL: database.url, ...settings };
  const began = performance.now();
  const command = inPlace(place, process.execPath, [join(DIST, script), ...args]);
  const child = spawn(...command, { env, stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(readFileSync(log, 'utf8'))?.[0];
    if (url) {
      const server = { child, url, startMs: performance.now() - began };
      running.add(server);
      return server;
    }
    if (child.exitCode !== null) throw new Error(`${script} ended before it listened; see ${log}`);
    await delay(POLL_MS);
  }
}

export async function stop(server: Running): Promise<void> {
  running.delete(server);
  const exited = once(server.child, 'exit');
  server.child.kill('SIGKILL');
  await exited;
}

/** Stops what a bench that failed has left running. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stop));
}

/** Runs a command of the built program. */
export async function command(args: string[], { url }: DatabaseAddress): Promise<void> {
  const env = { ...process.env, ...SETTINGS, DATABASE_URL: url };
  await run(process.execPath, [join(DIST, 'src/cli.js'), ...args], { env });
}
