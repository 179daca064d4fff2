import { MemoryCounter } from './memory-counter.js';

it('counts each key in a window that begins with its first request and ends', () => {
  const counter = new MemoryCounter(1000);
  expect(counter.count('a', 0)).toEqual({ points: 1, expiresAt: 1000 });
  expect(counter.count('b', 500)).toEqual({ points: 1, expiresAt: 1500 });
  expect(counter.count('a', 999)).toEqual({ points: 2, expiresAt: 1000 });
  expect(counter.count('a', 1000)).toEqual({ points: 1, expiresAt: 2000 });
  expect(counter.count('b', 1499)).toEqual({ points: 2, expiresAt: 1500 });
});

it('refunds what was counted in a window that goes on, and never more than that', () => {
  const counter = new MemoryCounter(1000);
  counter.count('a', 0);
  counter.refund('a', 10);
  counter.refund('a', 10);
  expect(counter.count('a', 20).points).toBe(1);
  counter.refund('a', 1000);
  counter.refund('nobody', 1000);
  expect(counter.count('a', 1000)).toEqual({ points: 1, expiresAt: 2000 });
  counter.forget('a');
  expect(counter.count('a', 1001)).toEqual({ points: 1, expiresAt: 2001 });
});

it('begins a window with a request that stays counted', () => {
  const counter = new MemoryCounter(1000);
  counter.count('a', 0);
  counter.refund('a', 10);
  expect(counter.count('a', 900)).toEqual({ points: 1, expiresAt: 1900 });
  counter.count('a', 901);
  counter.refund('a', 902);
  expect(counter.count('a', 1899)).toEqual({ points: 2, expiresAt: 1900 });
});

it('forgets windows that are over while new ones begin', () => {
  const counter = new MemoryCounter(1000);
  for (let key = 0; key < 10_000; key++) counter.count(`old ${key}`, 0);
  for (let key = 0; key < 5000; key++) counter.count(`new ${key}`, 1000);
  expect(counter.size).toBe(5000);
});
