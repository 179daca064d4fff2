import { readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second, whatever its kernel's own clock. */
const TICK_MS = 10;

interface Identified {
  pid?: number;
}

/**
 * The time that a process has been worked for on any core, in milliseconds; null where the system does not tell (not
 * Linux).
 */
export function processorMs({ pid }: Identified): number | null {
  if (process.platform !== 'linux') return null;
  // The second field, the name, may hold spaces; it ends with the last parenthesis.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) * TICK_MS;
}

/** Resident memory in megabytes; null where the system does not tell (not Linux). */
export function residentMegabytes({ pid }: Identified): number | null {
  if (process.platform !== 'linux') return null;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
