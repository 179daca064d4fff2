import { execFileSync } from 'node:child_process';

/** Whether a program of this name is on the path. */
export function hasCommand(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
