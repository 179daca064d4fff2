import { setTimeout as delay } from 'node:timers/promises';

/** What the contract grants to every instance but the one that made a change. */
const WITHIN_MS = 1000;
/** For what only has to come. */
const AT_ALL_MS = 40_000;

/** Asks until what is wanted is found; it has to be within this time. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: T, withinMs = WITHIN_MS): Promise<void> {
  const end = Date.now() + withinMs;
  let found = await ask();
  while (found !== wanted && Date.now() < end) {
    await delay(20);
    found = await ask();
  }
  expect(found).toEqual(wanted);
}

/** Waits for what has to come true before a test can go on, however long it takes. */
export function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  return eventually(isTrue, true, AT_ALL_MS);
}
