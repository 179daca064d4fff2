import { limits } from './limits.js';
import { logins } from './logins.js';
import { reads } from './reads.js';
import { search } from './search.js';

const BENCHES: Record<string, () => Promise<void>> = { reads, limits, logins, search };

/** Runs the benches that are named, or all of them. */
async function main(names: string[]): Promise<void> {
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    const bench = BENCHES[name];
    if (!bench) throw new Error(`There is no bench '${name}', only ${Object.keys(BENCHES).join(', ')}`);
    console.log(`\n${name}`);
    await bench();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
