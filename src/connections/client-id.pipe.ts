import { Injectable, type PipeTransform } from '@nestjs/common';
import { validationError } from '../common/errors.js';

/** An id of ours, or the URL of a client metadata document. */
export const CLIENT_ID_PATTERN = /^[\x21-\x7e]{1,2048}$/;

/** Lets what may be the id of an app pass; anything else is a 422. */
@Injectable()
export class ClientIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (CLIENT_ID_PATTERN.test(value)) return value;
    throw validationError([{ field: 'client_id', message: 'must be 1 to 2048 visible ASCII characters' }]);
  }
}
