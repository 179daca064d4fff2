import type { Worker } from 'node:worker_threads';
import { LongReads } from '../src/database/long-reads.js';
import { TestApp } from './test-app.js';

it('answers what is asked right after its thread has died', async () => {
  const test = await TestApp.start('sqlite');
  const reads = test.app.get(LongReads);
  const one = () => reads.query<{ one: number }>('SELECT 1 AS one', []);
  expect(await one()).toEqual([{ one: 1 }]);
  // No question at all, which the thread cannot even take apart.
  (Reflect.get(reads, 'thread') as Worker).postMessage(null);
  const next = one().catch(() => one());
  expect(await next).toEqual([{ one: 1 }]);
  await test.stop();
});
