import { setTimeout as delay } from 'node:timers/promises';
import { collectGarbage } from '../../drill/garbage.js';
import { within } from './deadline.js';

const untilEnded = (signal: AbortSignal) => delay(5000, undefined, { signal });
const NEVER = new AbortController().signal;

it('gives what the work gives', async () => {
  expect(await within(1000, NEVER, () => Promise.resolve(42))).toBe(42);
});

it('row 5: ends work that takes too long, also where garbage is collected meanwhile', async () => {
  const work = within(1000, NEVER, (signal) => within(60_000, signal, untilEnded));
  const ended = expect(work).rejects.toMatchObject({
    cause: expect.objectContaining({ name: 'TimeoutError' }) as unknown,
  });
  collectGarbage();
  await delay(10);
  collectGarbage();
  await ended;
});

it('ends with what it is part of, before its time or from the beginning', async () => {
  const outer = new AbortController();
  const work = within(10_000, outer.signal, untilEnded);
  outer.abort(new Error('hung up'));
  await expect(work).rejects.toMatchObject({ cause: new Error('hung up') });
  await expect(within(10_000, outer.signal, untilEnded)).rejects.toMatchObject({ cause: new Error('hung up') });
});
