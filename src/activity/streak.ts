import { LRUCache } from 'lru-cache';

const DAY_MS = 86_400_000;

/** A learner's run of days, as it is stored. Dates are local ones, YYYY-MM-DD. */
export interface StreakDays {
  days: number;
  longestDays: number;
  /** The date of the latest activity; null where there was none, or none since a reset. */
  lastActiveOn: string | null;
}

export const NO_STREAK: StreakDays = { days: 0, longestDays: 0, lastActiveOn: null };

/** There are some 600 time zones, each of which may be written in any case. */
const MAX_TIMEZONES = 2000;
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: MAX_TIMEZONES });
/** The date that was told last in each time zone, and in which second: to write it takes long, and many ask at once. */
const latest = new LRUCache<string, { second: number; date: string }>({ max: MAX_TIMEZONES });

/** The calendar date at a moment in a time zone (IANA), YYYY-MM-DD. */
export function localDate(moment: Date, timezone: string): string {
  const second = Math.floor(moment.getTime() / 1000);
  const known = latest.get(timezone);
  if (known?.second === second) return known.date;
  const date = writeDate(moment, timezone);
  latest.set(timezone, { second, date });
  return date;
}

function writeDate(moment: Date, timezone: string): string {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timezone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}`;
}

/**
 * The streak after an activity on `today`. Pure. The same day leaves it as it is, and so does an earlier one, as when a
 * clock is set back or the learner has travelled west; the next day adds one; after a gap it is 1.
 */
export function afterActivity(streak: StreakDays, today: string): StreakDays {
  const { lastActiveOn } = streak;
  if (lastActiveOn !== null && today <= lastActiveOn) return streak;
  const days = lastActiveOn !== null && daysBetween(lastActiveOn, today) === 1 ? streak.days + 1 : 1;
  return { days, longestDays: Math.max(streak.longestDays, days), lastActiveOn: today };
}

/** The streak as it reads on `today`: 0 when a whole day has been missed. Pure. */
export function daysOn({ days, lastActiveOn }: StreakDays, today: string): number {
  return lastActiveOn !== null && daysBetween(lastActiveOn, today) <= 1 ? days : 0;
}

/** From one calendar date to another; dates alone, so that no change of the clocks counts. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
