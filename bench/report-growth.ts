import type { DatabaseKind } from './database.js';
import type { Measured } from './load/in-turns.js';
import { printTable } from './markdown.js';
import { FEW } from './settings.js';
import { type Spread, spreadOf, writeSpread } from './spread.js';

/** How many times as long it may take with the most of everything as with few. */
const MOST = 1.2;
const WIDTH = 34;

interface Grown {
  name: string;
  kind: DatabaseKind;
  factor: Spread;
}

const grown: Grown[] = [];

export function printGrowthHeading(kind: DatabaseKind, sizes: number[]): void {
  const columns = sizes.map((size) => size.toLocaleString('en').padStart(18)).join('');
  console.log(
    `\n${`growth, ${kind}, p50 / p99 in ms`.padEnd(WIDTH)}${columns}   ${'factor of p50'.padEnd(18)}   of processor time`,
  );
}

/**
 * Prints how long a case takes with each size, and the factor between the last and `FEW`: of the time, and of the
 * server's processor time alone, which other work on the machine hardly moves.
 */
export function reportGrowth(name: string, kind: DatabaseKind, sizes: number[], rounds: Measured[][]): void {
  const columns = rounds[0].map((_first, index) => describe(rounds.map((round) => round[index])).padStart(18));
  const few = sizes.indexOf(FEW);
  const factorOf = (figure: (one: Measured) => number) =>
    spreadOf(rounds.map((round) => figure(round[round.length - 1]) / figure(round[few])));
  const factor = factorOf(({ p50 }) => p50);
  const processor = factorOf(({ cpuMs }) => cpuMs ?? NaN);
  const byProcessor = Number.isFinite(processor.middle) ? writeSpread(processor) : '';
  grown.push({ name, kind, factor });
  const verdict = `≤ ${MOST}: ${factor.middle <= MOST ? 'met' : 'missed'}`;
  console.log(`${name.padEnd(WIDTH)}${columns.join('')}   ${writeSpread(factor)}   ${byProcessor}   ${verdict}`);
}

/** The factors of all cases in Markdown. */
export function printGrowthSummary(sizes: number[]): void {
  if (grown.length === 0) return;
  const kinds = [...new Set(grown.map(({ kind }) => kind))];
  const title = `p50 with ${sizes.at(-1)?.toLocaleString('en')}, as a multiple of that with ${FEW}`;
  const rows = [...new Set(grown.map(({ name }) => name))].map((name) => [
    name,
    ...kinds.map((kind) => {
      const factor = grown.find((one) => one.name === name && one.kind === kind)?.factor;
      return factor ? writeSpread(factor) : '';
    }),
  ]);
  printTable([title, ...kinds], rows);
}

function describe(measured: Measured[]): string {
  const [p50, p99] = (['p50', 'p99'] as const).map((key) => spreadOf(measured.map((one) => one[key])).middle);
  return `${p50.toFixed(2)} / ${p99.toFixed(1)}`;
}
