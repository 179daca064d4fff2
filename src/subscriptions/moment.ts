import { Check } from '../common/check.js';

const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
export const MOMENT_RULE = 'must be a date such as 2027-01-31 (midnight UTC) or a date and time with its offset';

/** Reads an RFC 3339 date and time, or a date, which is its midnight in UTC; null if it is none. */
export function readMoment(text: string): Date | null {
  const [, day, time = 'T00:00Z'] = MOMENT.exec(text) ?? [];
  const midnight = new Date(`${day}T00:00Z`);
  // Date would make the second of March of the thirtieth of February.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return null;
  const moment = new Date(`${day}${time}`);
  const year = moment.getUTCFullYear();
  return year >= 1 && year <= 9999 ? moment : null;
}

/** A moment, or null for none. @see readMoment */
export const IsMomentOrNull = () =>
  Check(
    'isMomentOrNull',
    (value) => value === null || (typeof value === 'string' && readMoment(value) !== null),
    MOMENT_RULE,
  );
