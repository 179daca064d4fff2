import fc from 'fast-check';
import { afterActivity, daysOn, localDate, NO_STREAK, type StreakDays } from './streak.js';

/** The streak after activities at these moments. */
function after(timezone: string, ...moments: string[]): StreakDays {
  return moments.reduce((streak, moment) => afterActivity(streak, localDate(new Date(moment), timezone)), NO_STREAK);
}

it('grows by one with every day, and by nothing with a second activity on the same day', () => {
  expect(after('UTC', '2026-11-20T10:00Z')).toEqual({ days: 1, longestDays: 1, lastActiveOn: '2026-11-20' });
  expect(after('UTC', '2026-11-20T10:00Z', '2026-11-20T23:59:59.999Z').days).toBe(1);
  expect(after('UTC', '2026-11-20T23:59:59.999Z', '2026-11-21T00:00:00.000Z').days).toBe(2);
  expect(after('UTC', '2026-11-20T00:00Z', '2026-11-21T23:59Z', '2026-11-22T00:00Z').days).toBe(3);
});

it('begins anew after a gap, and keeps the longest', () => {
  const streak = after('UTC', '2026-11-20T10:00Z', '2026-11-21T10:00Z', '2026-11-23T10:00Z');
  expect(streak).toEqual({ days: 1, longestDays: 2, lastActiveOn: '2026-11-23' });
});

it('reads as it is on the next day, and 0 when a day was missed', () => {
  const streak = after('UTC', '2026-11-20T10:00Z', '2026-11-21T10:00Z');
  expect(['2026-11-21', '2026-11-22', '2026-11-23', '2027-11-22'].map((day) => daysOn(streak, day))).toEqual([
    2, 2, 0, 0,
  ]);
  expect(daysOn(NO_STREAK, '2026-11-22')).toBe(0);
});

it('after a reset the next activity makes it 1, on the same day too', () => {
  const { longestDays } = after('UTC', '2026-11-20T10:00Z', '2026-11-21T10:00Z');
  const reset = { days: 0, longestDays, lastActiveOn: null };
  expect(daysOn(reset, '2026-11-21')).toBe(0);
  expect(afterActivity(reset, '2026-11-21')).toEqual({ days: 1, longestDays: 2, lastActiveOn: '2026-11-21' });
});

it.each([
  ['Pacific/Kiritimati', '2026-11-20T09:59:59Z', '2026-11-20'],
  ['Pacific/Kiritimati', '2026-11-20T10:00:00Z', '2026-11-21'],
  ['Pacific/Pago_Pago', '2026-11-20T10:59:59Z', '2026-11-19'],
  ['Pacific/Pago_Pago', '2026-11-20T11:00:00Z', '2026-11-20'],
  ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01'],
  ['UTC', '2028-02-29T23:59:59Z', '2028-02-29'],
])('knows the date in %s at %s', (timezone, moment, date) => {
  expect(localDate(new Date(moment), timezone)).toBe(date);
});

it('counts a day of 23 hours and one of 25 as one day', () => {
  // Berlin: clocks went forward on 2026-03-29 and back on 2026-10-25.
  expect(after('Europe/Berlin', '2026-03-28T22:59Z', '2026-03-28T23:01Z', '2026-03-29T22:01Z').days).toBe(3);
  expect(after('Europe/Berlin', '2026-10-24T22:01Z', '2026-10-25T22:59Z', '2026-10-25T23:01Z').days).toBe(2);
  expect(after('America/New_York', '2026-03-08T04:30Z', '2026-03-08T05:30Z', '2026-03-09T04:30Z').days).toBe(3);
});

it('goes over the 29th of February and the new year', () => {
  expect(after('UTC', '2028-02-28T10:00Z', '2028-02-29T10:00Z', '2028-03-01T10:00Z').days).toBe(3);
  expect(after('UTC', '2027-02-28T10:00Z', '2027-03-01T10:00Z').days).toBe(2);
  expect(after('UTC', '2026-12-31T10:00Z', '2027-01-01T10:00Z').days).toBe(2);
});

it('row 21: loses and gains nothing when the clock goes back or the learner travels west', () => {
  const streak = after('UTC', '2026-11-20T23:30Z', '2026-11-21T00:30Z');
  expect(afterActivity(streak, localDate(new Date('2026-11-20T23:30Z'), 'UTC'))).toEqual(streak);
  expect(afterActivity(streak, localDate(new Date('2026-11-21T00:30Z'), 'Pacific/Pago_Pago'))).toEqual(streak);
  expect(daysOn(streak, '2026-11-20')).toBe(2);
});

it('is never more than the days of activity, nor less than 1 after one', () => {
  const day = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.array(day, { minLength: 1, maxLength: 30 }), (moments) => {
      const dates = moments.map((moment) => localDate(moment, 'UTC')).sort();
      const streak = dates.reduce(afterActivity, NO_STREAK);
      expect(streak.days).toBeGreaterThanOrEqual(1);
      expect(streak.longestDays).toBeGreaterThanOrEqual(streak.days);
      expect(streak.longestDays).toBeLessThanOrEqual(new Set(dates).size);
      expect(dates.reduce(afterActivity, streak)).toEqual(streak);
    }),
  );
});
