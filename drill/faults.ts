import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of docs/reliability.md. */
export interface Fault {
  /** Its number, by which tests and drills are named. */
  row: string;
  fault: string;
}

/** The faults that the service is to live through, in their order. Read from the folder that a command is run in. */
export function readFaults(): Fault[] {
  const rows = readFileSync('docs/reliability.md', 'utf8').matchAll(/^\| *(\d+) *\| *([^|]*?) *\|/gm);
  return [...rows].map(([, row, fault]) => ({ row, fault }));
}

/** How the name of a test says which rows it proves: `row 26, row 36: …`. */
const NAME = /['"`]((?:row \d+, )*row \d+): /g;

/** The rows that a test proves, by its name. */
export function rowsIn(name: string): string[] {
  const [, rows = ''] = /\b((?:row \d+, )*row \d+): /.exec(name) ?? [];
  return rows.match(/\d+/g) ?? [];
}

/** The files of tests that are named by rows, each with those rows. */
export function testsByRow(): Map<string, Set<string>> {
  const files = new Map<string, Set<string>>();
  for (const folder of ['test', 'src']) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('spec.ts')) continue;
      const file = join(folder, name);
      const names = [...readFileSync(file, 'utf8').matchAll(NAME)].flatMap(([, rows]) => rowsIn(`${rows}: `));
      if (names.length > 0) files.set(file, new Set(names));
    }
  }
  return files;
}
