import { setTimeout as delay } from 'node:timers/promises';
import type { BenchDatabase } from './database.js';
import { residentMegabytes } from './process-figures.js';
import { launch, type Running, stop } from './processes.js';
import type { Run } from './run.js';
import { SIZE } from './settings.js';
import { spreadOf, writeSpread } from './spread.js';

const STARTS = 5;
/** V8 gives back what starting took after some time without work. */
const RESTS_MS = [5000, 10_000, 30_000];
const MAX_START_MS = 1000;
const MAX_REST_MB = 120;

interface Started {
  listening: number;
  answered: number;
}

/**
 * How long it takes until the server listens and until it has answered, in turns with the libraries that it is built
 * of, and what it takes of memory when it has nothing to do.
 */
export async function start({ kinds, populated }: Run): Promise<void> {
  for (const kind of kinds) {
    const database = await populated(kind, SIZE);
    const ours: Started[] = [];
    const stack: number[] = [];
    for (let attempt = 1; attempt <= STARTS; attempt++) {
      stack.push(await startStack(database));
      ours.push(await startOurs(database));
    }
    console.log(`\nstart, ${kind}, median of ${STARTS} (least–most)`);
    const listening = ours.map((one) => one.listening);
    print('to listening, ms', listening, MAX_START_MS);
    print(
      'to the first answer, ms',
      ours.map(({ answered }) => answered),
      MAX_START_MS,
    );
    print('of it the libraries alone, ms', stack);
    console.log(`as a multiple of theirs         ${writeSpread(spreadOf(listening.map((ms, at) => ms / stack[at])))}`);
    for (const [index, megabytes] of (await memoryAtRest(database)).entries()) {
      if (megabytes !== null) print(`memory after ${RESTS_MS[index] / 1000} s at rest, MB`, [megabytes], MAX_REST_MB);
    }
  }
}

const launchOurs = (database: BenchDatabase) => launch('src/main.js', database, { place: 'anywhere' });

async function startOurs(database: BenchDatabase): Promise<Started> {
  const server = await launchOurs(database);
  const began = performance.now();
  await answer(server);
  const answered = server.startMs + performance.now() - began;
  await stop(server);
  return { listening: server.startMs, answered };
}

async function startStack(database: BenchDatabase): Promise<number> {
  const server = await launch('bench/floor/stack.js', database, { place: 'anywhere' });
  await stop(server);
  return server.startMs;
}

async function memoryAtRest(database: BenchDatabase): Promise<(number | null)[]> {
  const server = await launchOurs(database);
  await answer(server);
  const megabytes: (number | null)[] = [];
  for (const [index, rest] of RESTS_MS.entries()) {
    await delay(rest - (RESTS_MS[index - 1] ?? 0));
    megabytes.push(residentMegabytes(server.child));
  }
  await stop(server);
  return megabytes;
}

async function answer({ url }: Running): Promise<void> {
  await fetch(`${url}/health/live`);
}

/** @param most what is aimed at, if anything is */
function print(name: string, figures: number[], most?: number): void {
  const { low, middle, high } = spreadOf(figures);
  const [least, median, greatest] = [low, middle, high].map((figure) => figure.toFixed(0));
  const aim = most === undefined ? '' : `   < ${most}: ${middle < most ? 'met' : 'missed'}`;
  console.log(`${name.padEnd(32)}${median} (${least}–${greatest})${aim}`);
}
