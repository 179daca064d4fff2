import { setTimeout as delay } from 'node:timers/promises';
import { residentMegabytes } from './process-figures.js';
import { launch, stop } from './processes.js';
import type { Run } from './run.js';
import { SIZE } from './settings.js';
import { spreadOf } from './spread.js';

const STARTS = 5;
/** V8 gives back what starting took after some time without work. */
const RESTS_MS = [5000, 10_000, 30_000];
const MAX_START_MS = 1000;
const MAX_REST_MB = 120;

/** How long it takes until the server listens and until it has answered, and what it takes of memory when it has nothing to do. */
export async function start({ kinds, populated }: Run): Promise<void> {
  for (const kind of kinds) {
    const database = await populated(kind, SIZE);
    const listening: number[] = [];
    const answered: number[] = [];
    const memory: (number | null)[] = [];
    for (let attempt = 1; attempt <= STARTS; attempt++) {
      const server = await launch('src/main.js', database, { place: 'anywhere' });
      listening.push(server.startMs);
      const began = performance.now();
      await fetch(`${server.url}/health/live`);
      answered.push(server.startMs + performance.now() - began);
      if (attempt === STARTS) {
        for (const [index, rest] of RESTS_MS.entries()) {
          await delay(rest - (RESTS_MS[index - 1] ?? 0));
          memory.push(residentMegabytes(server.child));
        }
      }
      await stop(server);
    }
    console.log(`\nstart, ${kind}, median of ${STARTS} (least–most)`);
    print('to listening, ms', listening, MAX_START_MS);
    print('to the first answer, ms', answered, MAX_START_MS);
    for (const [index, megabytes] of memory.entries()) {
      if (megabytes !== null) print(`memory after ${RESTS_MS[index] / 1000} s at rest, MB`, [megabytes], MAX_REST_MB);
    }
  }
}

function print(name: string, figures: number[], most: number): void {
  const { low, middle, high } = spreadOf(figures);
  const [least, median, greatest] = [low, middle, high].map((figure) => figure.toFixed(0));
  console.log(`${name.padEnd(32)}${median} (${least}–${greatest})   < ${most}: ${middle < most ? 'met' : 'missed'}`);
}
