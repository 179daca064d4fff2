import { DRILLS } from '../drill/drills.js';
import { readFaults, testsByRow } from '../drill/faults.js';

const faults = readFaults();
const tested = new Set([...testsByRow().values()].flatMap((rows) => [...rows]));
const drilled = new Set(DRILLS.map(({ row }) => row));

it('numbers the faults without a gap', () => {
  expect(faults.map(({ row }) => row)).toEqual(faults.map((_fault, index) => String(index + 1)));
  expect(faults.length).toBeGreaterThan(40);
});

it.each(faults)('has a test or a drill of row $row, $fault', ({ row }) => {
  expect(tested.has(row) || drilled.has(row)).toBe(true);
});

it('has no test of a row that is not told about', () => {
  const known = new Set(faults.map(({ row }) => row));
  expect([...tested].filter((row) => !known.has(row))).toEqual([]);
});
