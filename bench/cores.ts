import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What a process runs on: the server under test has a core, and whoever asks it another one. */
export type Place = 'server' | 'generator' | 'anywhere';

const CORES: Partial<Record<Place, string>> = canPin()
  ? { server: String(availableParallelism() - 1), generator: '0' }
  : {};

/** The command that runs another one in its place. */
export function inPlace(place: Place, command: string, args: string[]): [string, string[]] {
  const core = CORES[place];
  return core === undefined ? [command, args] : ['taskset', ['--cpu-list', core, command, ...args]];
}

/** Says where the processes of a measurement run. */
export function describePlaces(): string {
  return CORES.server === undefined
    ? 'nothing is pinned to a core: taskset or a second core is missing'
    : `server on core ${CORES.server}, generator on core ${CORES.generator}`;
}

function canPin(): boolean {
  return process.platform === 'linux' && availableParallelism() > 1 && hasCommand('taskset');
}

export function hasCommand(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
