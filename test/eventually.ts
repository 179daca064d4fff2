import { setTimeout as delay } from 'node:timers/promises';

/** What the contract grants to every instance but the one that made a change. */
const WITHIN_MS = 1000;

/** Asks until what is wanted is found; it has to be within this time. */
export async function eventually<T>(ask: () => Promise<T>, wanted: T, withinMs = WITHIN_MS): Promise<void> {
  const end = Date.now() + withinMs;
  let found = await ask();
  while (found !== wanted && Date.now() < end) {
    await delay(20);
    found = await ask();
  }
  expect(found).toEqual(wanted);
}
