import { againstFloor } from './against-floor.js';
import { WRITES } from './cases.js';
import { describePlaces } from './cores.js';
import { availableKinds } from './database.js';
import { growth } from './growth.js';
import { describeGenerator } from './load/generator.js';
import { limits } from './limits.js';
import { logins } from './logins.js';
import { stopAll } from './processes.js';
import { reads } from './reads.js';
import { printGrowthSummary } from './report-growth.js';
import { printSummary } from './report.js';
import { beginRun, type Run } from './run.js';
import { search } from './search.js';
import { start } from './start.js';
import { FULL, QUICK } from './settings.js';

const writes = (run: Run) => againstFloor('writes', WRITES, run);

const BENCHES: Record<string, (run: Run) => Promise<void>> = { start, reads, writes, logins, growth, search, limits };

const BUSY =
  "busy: the share of a core's time that the server took. Where the floor's is below ours, something else was its limit, and " +
  'only the ratio by processor time tells how they compare.';

/**
 * Runs the benches that are named, or all of them; with --quick fewer and shorter rounds, and not those that take long.
 */
async function main(args: string[]): Promise<void> {
  const named = args.filter((name) => name !== '--quick');
  const effort = args.includes('--quick') ? QUICK : FULL;
  const names = named.length > 0 ? named : (effort.benches ?? Object.keys(BENCHES));
  const unknown = names.find((name) => !(name in BENCHES));
  if (unknown) throw new Error(`There is no bench '${unknown}', only ${Object.keys(BENCHES).join(', ')}`);
  console.log(`${describeGenerator()}; ${describePlaces()}; ${effort.rounds} rounds of ${effort.seconds} s a side`);
  console.log(BUSY);
  const run = beginRun(await availableKinds(), effort);
  const clean = async () => {
    await stopAll();
    await run.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void clean().finally(() => process.exit(1)));
  try {
    for (const name of names) await BENCHES[name](run);
    printSummary();
    printGrowthSummary(effort.sizes);
  } finally {
    await clean();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
