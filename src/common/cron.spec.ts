import { nextRun } from './cron.js';

const NOON = new Date('2026-11-24T12:00:00.400Z');

it.each([
  ['15 3 * * *', '2026-11-25T03:15:00.000Z'],
  ['*/10 * * * *', '2026-11-24T12:10:00.000Z'],
  ['* * * * * *', '2026-11-24T12:00:01.000Z'],
  ['0 4 * * SUN', '2026-11-29T04:00:00.000Z'],
])('reads %s in UTC', (schedule, tick) => {
  expect(nextRun(schedule, NOON)?.toISOString()).toBe(tick);
});

it.each(['', 'daily', '61 * * * *', '0 3 * *', '0 0 31 2 *', '2026-12-01T00:00:00', '0 0 3 * * * 2030'])(
  'does not read "%s"',
  (schedule) => {
    expect(nextRun(schedule, NOON)).toBeNull();
  },
);
