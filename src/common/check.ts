import { registerDecorator } from 'class-validator';

/** A rule for a DTO's field, with the message that follows the field's name where it is broken. */
export function Check(
  name: string,
  validate: (value: unknown) => boolean | Promise<boolean>,
  message: string,
): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: property as string,
      async: true,
      validator: { validate, defaultMessage: () => message },
    });
}
