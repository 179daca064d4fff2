import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, validationError } from './errors.js';

/** Checks every DTO; a field that breaks a rule, or that nobody knows, is a 422 that names it. */
export function validationPipe(): ValidationPipe {
  return new InputPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => validationError(errors.flatMap((error) => fieldErrors(error))),
  });
}

class InputPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // It would be read as an object without fields, and a patch may be one.
    if (metadata.type === 'body' && value === undefined && this.toValidate(metadata)) {
      throw validationError([{ field: 'body', message: 'is missing' }]);
    }
    return super.transform(value, metadata);
  }
}

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const field = parent === '' ? error.property : `${parent}.${error.property}`;
  if (error.value === undefined && error.constraints) return [{ field, message: 'is missing' }];
  const name = `${error.property} `;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => {
    const said = message.startsWith(name) ? message.slice(name.length) : message;
    return { field, message: rule === 'whitelistValidation' ? 'is not known here' : said };
  });
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
