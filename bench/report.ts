import type { DatabaseKind } from './database.js';
import type { Measured } from './load/in-turns.js';
import { printTable } from './markdown.js';
import { type Spread, spreadOf, writeSpread } from './spread.js';

/**
 * The least share of the floor that is aimed at: of its requests per second, or of those per second of a processor's
 * time.
 */
export interface Aim {
  least: number;
  by: 'clock' | 'processor';
}

/** Ours as a share of the floor in one case, on one database. */
interface Comparison {
  name: string;
  kind: DatabaseKind;
  /** By requests per second. */
  clock: Spread;
  /**
   * By processor time for a request, which neither the generator nor the disk has a part in; null where it is not told.
   */
  processor: Spread | null;
}

const compared: Comparison[] = [];

const SIDE = 'req/s     p50     p99  busy';
const WIDTH = 34;

export function printHeading(title: string): void {
  const sides = ['ours', 'floor'].map((side) => `${side} ${SIDE}`.padStart(36)).join('');
  console.log(`\n${title.padEnd(WIDTH)}${sides}   ${'ratio by clock'.padEnd(18)}   by processor time`);
}

/** Prints a case's line and keeps it for the summary; ours is the first in each round. */
export function report(name: string, kind: DatabaseKind, rounds: Measured[][], aim: Aim | null = null): void {
  const processor = rounds.map(([own, floor]) => (floor.cpuMs ?? NaN) / (own.cpuMs ?? NaN));
  const comparison = {
    name,
    kind,
    clock: spreadOf(rounds.map(([own, floor]) => own.perSecond / floor.perSecond)),
    processor: processor.every(Number.isFinite) ? spreadOf(processor) : null,
  };
  compared.push(comparison);
  const sides = [0, 1].map((side) => describe(rounds.map((round) => round[side])).padStart(36)).join('');
  const byProcessor = comparison.processor ? writeSpread(comparison.processor) : '';
  console.log(
    `${name.padEnd(WIDTH)}${sides}   ${writeSpread(comparison.clock)}   ${byProcessor}${verdict(aim, comparison)}`,
  );
}

/** The ratios of all cases in Markdown. */
export function printSummary(): void {
  if (compared.length === 0) return;
  const kinds = [...new Set(compared.map(({ kind }) => kind))];
  const columns = kinds.flatMap((kind) => [kind, `${kind}, by processor time`]);
  const rows = [...new Set(compared.map(({ name }) => name))].map((name) => [
    name,
    ...kinds.flatMap((kind) => {
      const found = compared.find((comparison) => comparison.name === name && comparison.kind === kind);
      return [found?.clock, found?.processor].map((spread) => (spread ? writeSpread(spread) : ''));
    }),
  ]);
  printTable(['share of the floor', ...columns], rows);
}

function describe(measured: Measured[]): string {
  const middle = (key: keyof Measured) => spreadOf(measured.map((one) => one[key] ?? NaN)).middle;
  const [p50, p99] = [middle('p50'), middle('p99')].map((ms) => ms.toFixed(1).padStart(8));
  const busy = Number.isFinite(middle('busy')) ? `${(middle('busy') * 100).toFixed(0)} %`.padStart(6) : '';
  return `${middle('perSecond').toFixed(0)}${p50}${p99}${busy}`;
}

function verdict(aim: Aim | null, { clock, processor }: Comparison): string {
  if (aim === null) return '';
  const { middle } = (aim.by === 'processor' && processor) || clock;
  return `   ${aim.by === 'processor' ? 'by processor time ' : ''}≥ ${aim.least}: ${middle >= aim.least ? 'met' : 'missed'}`;
}
