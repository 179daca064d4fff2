import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from './drills.js';
import type { Finding } from './finding.js';
import { inScope, Scope } from './scope.js';
import type { Line } from './table.js';

/** What is going on, to be ended whatever happens. */
const running = new Set<Scope>();

/** Drills in bounded time and leaves nothing of it behind. */
export async function provoke({ row, provoked, drill, withinSeconds }: Drill): Promise<Line> {
  const began = performance.now();
  const scope = new Scope();
  running.add(scope);
  const timeout = new AbortController();
  const timedOut = delay(withinSeconds * 1000, undefined, { signal: timeout.signal }).then(
    () => ({ held: false, figure: `timed out after ${withinSeconds} s` }),
    () => ({ held: false, figure: 'ended' }),
  );
  const found = inScope(scope, drill).catch((error: unknown): Finding => ({ held: false, figure: explain(error) }));
  const { held, figure } = await Promise.race([found, timedOut]);
  timeout.abort();
  await scope.end();
  running.delete(scope);
  const seconds = (performance.now() - began) / 1000;
  return { row, provoked, held: held ? 'held' : 'NOT HELD', seconds, figure };
}

function explain(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: Buffer };
  return [message, stderr?.toString().trim()].filter(Boolean).join('\n');
}

/** Runs what a command does, and ends the process with 0 if all held; what is going on ends with it in any case. */
export function runCommand(command: (args: string[]) => Promise<boolean>): void {
  let isEnding = false;
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection']) {
    process.on(event, (reason: unknown) => {
      if (!isEnding) void endEarly(reason);
      isEnding = true;
    });
  }
  command(process.argv.slice(2)).then(
    (haveAllHeld) => process.exit(haveAllHeld ? 0 : 1),
    (error: unknown) => endEarly(error instanceof Error ? error.message : error),
  );
}

async function endEarly(reason: unknown): Promise<void> {
  console.error(reason);
  for (const scope of running) await scope.end();
  process.exit(1);
}
