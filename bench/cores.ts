import { readFileSync } from 'node:fs';
import { hasCommand } from './has-command.js';

/** What a process runs on: the server under test has a core, and whoever asks it another one. */
export type Place = 'server' | 'generator' | 'anywhere';

const CORES: Partial<Record<Place, number>> = pinnedCores();

/** The command that runs another one in its place. */
export function inPlace(place: Place, command: string, args: string[]): [string, string[]] {
  const core = CORES[place];
  return core === undefined ? [command, args] : ['taskset', ['--cpu-list', String(core), command, ...args]];
}

/** Says where the processes of a measurement run. */
export function describePlaces(): string {
  return CORES.server === undefined
    ? 'nothing is pinned to a core: taskset or a second core is missing'
    : `server on core ${CORES.server}, generator on core ${CORES.generator}`;
}

function pinnedCores(): Partial<Record<Place, number>> {
  if (process.platform !== 'linux' || !hasCommand('taskset')) return {};
  const [generator, ...others] = allowedCores();
  return others.length === 0 ? {} : { generator, server: others.at(-1) };
}

/** The cores that this process may run on, such as `0-1,4`. */
function allowedCores(): number[] {
  const list = /Cpus_allowed_list:\s*([\d,-]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_core, index) => first + index);
  });
}
