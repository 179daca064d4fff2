import { LIMITS, readLimit, writeLimit } from './limits.js';

it.each([
  ['20/hour', 20, 3600],
  ['10/15min', 10, 900],
  ['10/15minutes', 10, 900],
  ['1/second', 1, 1],
  ['5 / day', 5, 86_400],
  ['1000/minute', 1000, 60],
  ['3/24hours', 3, 86_400],
])('reads %s', (text, points, seconds) => {
  expect(readLimit(text)).toEqual({ points, seconds });
});

it.each([
  '',
  '20',
  '20/',
  '/hour',
  '0/hour',
  '-1/hour',
  '1.5/hour',
  '20/fortnight',
  '20/0hour',
  '1/99days',
  'a/hour',
  '20/hour!',
])('refuses %j', (text) => expect(readLimit(text)).toBeNull());

it('writes every limit in the form that it reads', () => {
  for (const limit of Object.values(LIMITS)) {
    expect(readLimit(writeLimit(limit))).toEqual({ points: limit.points, seconds: limit.seconds });
  }
});
