import { readMoment } from './moment.js';

it.each([
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2027-01-31T10:00Z', '2027-01-31T10:00:00.000Z'],
  ['2027-01-31T10:00:05.5+02:00', '2027-01-31T08:00:05.500Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
])('reads %s', (text, moment) => {
  expect(readMoment(text)?.toISOString()).toBe(moment);
});

it.each([
  '',
  'tomorrow',
  '2027',
  '2027-02-30',
  '2027-13-01',
  '2027-01-31T25:00Z',
  '2027-01-31T10:00',
  '2027-01-31 10:00Z',
  '+02027-01-31',
  '0000-01-01',
])('refuses %j', (text) => expect(readMoment(text)).toBeNull());
