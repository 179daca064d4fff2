import { Check } from '../common/check.js';

/** A time zone of the IANA database that this runtime knows. */
function isTimezone(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** @see isTimezone */
export const IsTimezone = () => Check('isTimezone', isTimezone, 'must be an IANA time zone such as Europe/Berlin');
