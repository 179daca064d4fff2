import { DRILLS } from './drills.js';
import { type Fault, readFaults } from './faults.js';
import { provoke, runCommand } from './provoke.js';
import { runRowTests, type TestOutcome } from './row-tests.js';
import { type Line, Table } from './table.js';

/**
 * Prints the table of docs/reliability.md with what proves each row: the tests that are named by it, and its drills,
 * which are run with --drills, and the long ones too with --all. @returns whether nothing was found that did not hold
 */
async function main(args: string[]): Promise<boolean> {
  const faults = readFaults();
  const table = new Table([...faults.map(({ fault }) => fault), ...DRILLS.map(({ provoked }) => provoked)]);
  const tests = await runRowTests();
  const all: Line[] = [];
  const print = (line: Line) => {
    all.push(line);
    table.print(line);
  };
  for (const fault of faults) {
    for (const test of tests.filter(({ row }) => row === fault.row)) print(lineOf(fault, test));
    for (const drill of DRILLS.filter(({ row }) => row === fault.row)) {
      const isRun = args.includes('--all') || (args.includes('--drills') && !drill.isOnDemand);
      const { row, provoked } = drill;
      const figure = `npm run drill -- ${row}`;
      print(isRun ? await provoke(drill) : { row, provoked, held: 'not run', seconds: null, figure });
    }
  }
  return summarize(faults, all);
}

function lineOf({ row, fault }: Fault, { file, passed, seconds, notHeld }: TestOutcome): Line {
  const figure = [`${file}: ${passed} held`, ...notHeld].join('; ');
  return { row, provoked: fault, held: notHeld.length === 0 ? 'held' : 'NOT HELD', seconds, figure };
}

function summarize(faults: Fault[], lines: Line[]): boolean {
  const ofRow = (row: string) => lines.filter((line) => line.row === row).map(({ held }) => held);
  const rowsThat = (are: (found: Line['held'][]) => boolean) =>
    faults.map(({ row }) => row).filter((row) => are(ofRow(row)));
  const broken = rowsThat((found) => found.includes('NOT HELD') || found.length === 0);
  const open = rowsThat((found) => !found.includes('NOT HELD') && found.includes('not run'));
  const parts = [
    `${faults.length} rows: ${faults.length - broken.length - open.length} held`,
    broken.length > 0 ? `${broken.length} not held or without a proof: ${broken.join(', ')}` : '',
    open.length > 0 ? `${open.length} with drills that were not run: ${open.join(', ')}` : '',
  ];
  console.log(`\n${parts.filter(Boolean).join('; ')}`);
  return broken.length === 0;
}

runCommand(main);
