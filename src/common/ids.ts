import { randomUUID } from 'node:crypto';
import { Injectable, type PipeTransform } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import { validationError } from './errors.js';

/** What an id of a course, chapter, quiz or question looks like. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const ID_RULE = 'must be 1 to 128 letters, digits, ".", "_" or "-", beginning with a letter or digit';

const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{8,64}$/;

/** The id of a request: the caller's own if it is well formed, else a new one. */
export function requestId(inbound: string | string[] | undefined): string {
  return typeof inbound === 'string' && REQUEST_ID_PATTERN.test(inbound) ? inbound : randomUUID();
}

/** Lets a well-formed id of a path pass; anything else is a 422. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, { data = 'id' }: ArgumentMetadata): string {
    if (ID_PATTERN.test(value)) return value;
    throw validationError([{ field: data, message: ID_RULE }]);
  }
}
