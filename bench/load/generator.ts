import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/common/project.js';
import { inPlace } from '../cores.js';
import { hasCommand } from '../has-command.js';

const run = promisify(execFile);
const HAS_WRK = hasCommand('wrk');

/** Loads a server for a while. */
export interface Load {
  url: string;
  /** See `writeRequests`. */
  file: string;
  /** Whether a request may be sent a second time; else the load ends when all have been sent. */
  isRepeatable: boolean;
  status: number;
  connections: number;
  seconds: number;
}

/** What a load found; times are in milliseconds. */
export interface Loaded {
  answers: number;
  seconds: number;
  p50: number;
  p99: number;
  /** Connections that failed, requests that nobody answered. */
  broken: number;
  /** Answers of another status than expected, and the last one's. */
  unexpected: number;
  status: number;
}

export function describeGenerator(): string {
  return HAS_WRK ? 'wrk, one thread' : 'autocannon, as wrk is not installed; it may be the limit in front of the floor';
}

/** @throws if an answer has another status than expected, or is missing */
export async function generate(load: Load): Promise<Loaded> {
  const { url, file, isRepeatable, status, connections, seconds } = load;
  const args = [file, isRepeatable ? 'again' : 'once', String(status)];
  const [command, before] = HAS_WRK
    ? [
        'wrk',
        [
          '-t1',
          `-c${connections}`,
          `-d${seconds}s`,
          '--timeout',
          '30s',
          '-s',
          join(PROJECT_ROOT, 'bench/load/wrk.lua'),
          url,
          '--',
        ],
      ]
    : [process.execPath, [join(__dirname, 'autocannon.js'), url, String(connections), String(seconds)]];
  const { stdout } = await run(...inPlace('generator', command, [...before, ...args]));
  const loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Loaded;
  if (loaded.unexpected > 0)
    throw new Error(`${url}: ${loaded.unexpected} answers were no ${status} but ${loaded.status}`);
  if (loaded.broken > 0 || loaded.answers === 0) throw new Error(`${url} left ${loaded.broken} requests unanswered`);
  return loaded;
}
