import { Cron } from 'croner';

/**
 * The next moment that a schedule names, in UTC; null if there is none or the schedule cannot be read.
 * @param schedule five fields of cron, or six with seconds first
 */
export function nextRun(schedule: string, after: Date): Date | null {
  const fields = schedule.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) return null;
  try {
    return new Cron(schedule, { timezone: 'UTC', paused: true }).nextRun(after);
  } catch {
    return null;
  }
}
