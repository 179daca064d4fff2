import { registerDecorator } from 'class-validator';

/** A time zone of the IANA database that this runtime knows. */
export function isTimezone(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** @see isTimezone */
export function IsTimezone(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTimezone',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: isTimezone,
        defaultMessage: () => 'must be an IANA time zone such as Europe/Berlin',
      },
    });
}
