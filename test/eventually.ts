import { setTimeout as delay } from 'node:timers/promises';

/** What the contract grants to every instance but the one that made a change. */
const WITHIN_MS = 1000;
/** For what only has to come. */
const AT_ALL_MS = 40_000;
/** More of a step does not count: then the machine stood still, and not who was asked. */
const MOST_OF_A_STEP_MS = 250;

/** Asks until what is wanted is found; it has to be within this time. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: T, withinMs = WITHIN_MS): Promise<void> {
  let waited = 0;
  let found = await ask();
  while (found !== wanted && waited < withinMs) {
    const began = performance.now();
    await delay(20);
    found = await ask();
    waited += Math.min(performance.now() - began, MOST_OF_A_STEP_MS);
  }
  expect(found).toEqual(wanted);
}

/** Waits for what has to come true before a test can go on, however long it takes. */
export function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  return eventually(isTrue, true, AT_ALL_MS);
}
