import { QueryFailedError } from 'typeorm';
import { isDatabaseUnavailable } from './database-errors.js';

const failed = (code: string) => new QueryFailedError('SELECT 1', [], Object.assign(new Error('on purpose'), { code }));

it.each(['08006', '57P01', '53300', '3D000', '28P01', 'ECONNREFUSED', 'SQLITE_FULL', '42P01'])(
  'takes the database for away after %s',
  (code) => {
    expect(isDatabaseUnavailable(failed(code))).toBe(true);
  },
);

it.each(['22P02', '23505', '42601', 'SQLITE_CONSTRAINT'])('takes %s for what it is', (code) => {
  expect(isDatabaseUnavailable(failed(code))).toBe(false);
});

it('takes a missing socket for a database that is away, a missing file for what it is', () => {
  const missing = (syscall: string) => Object.assign(new Error('on purpose'), { code: 'ENOENT', syscall });
  expect(['connect', 'open'].map((syscall) => isDatabaseUnavailable(missing(syscall)))).toEqual([true, false]);
});
