import { type Drill, DRILLS } from './drills.js';
import { provoke, runCommand } from './provoke.js';
import { Table } from './table.js';

/** Drills the rows that are named, or all but those on demand. @returns whether all held */
async function main(args: string[]): Promise<boolean> {
  const names = args.filter((arg) => arg !== '--all');
  const unknown = names.filter((name) => !DRILLS.some(({ row }) => row === name));
  if (unknown.length > 0) {
    const known = [...new Set(DRILLS.map(({ row }) => row))];
    throw new Error(`There is no drill of row ${unknown.join(', ')}, only of ${known.join(', ')}`);
  }
  const isChosen = ({ row, isOnDemand }: Drill) =>
    names.length > 0 ? names.includes(row) : !isOnDemand || args.includes('--all');
  const chosen = DRILLS.filter(isChosen);
  const table = new Table(chosen.map(({ provoked }) => provoked));
  let haveAllHeld = true;
  for (const drill of chosen) {
    const line = await provoke(drill);
    table.print(line);
    haveAllHeld &&= line.held === 'held';
  }
  return haveAllHeld;
}

runCommand(main);
