import { setTimeout as delay } from 'node:timers/promises';
import { checkBodies } from './bodies.js';
import type { Case } from './cases.js';
import { inTurns } from './load/in-turns.js';
import { launch, stop } from './processes.js';
import { printHeading, report } from './report.js';
import type { Run } from './run.js';
import { SIZE } from './settings.js';

/**
 * Measures ours in turns with bare Fastify on the same database and with the same driver.
 * @param settings what else ours is set to
 */
export async function againstFloor(
  title: string,
  cases: Case[],
  { kinds, populated, effort }: Run,
  settings: NodeJS.ProcessEnv = {},
): Promise<void> {
  for (const kind of kinds) {
    const database = await populated(kind, SIZE);
    const ours = await launch('src/main.js', database, { settings });
    const floor = await launch('bench/floor/main.js', database);
    await delay(1000);
    printHeading(`${title}, ${kind}`);
    for (const { name, aim, connections, longer = 1, requests, tolerance } of cases) {
      const asked = requests(SIZE, 2);
      await checkBodies(name, asked, [ours, floor], tolerance);
      const own = longer === 1 ? effort : { rounds: Math.min(3, effort.rounds), seconds: longer * effort.seconds };
      const measured = await inTurns({ name, connections, requests: asked }, [ours, floor], database.folder, own);
      report(name, kind, measured, aim);
    }
    await stop(floor);
    await stop(ours);
  }
}
