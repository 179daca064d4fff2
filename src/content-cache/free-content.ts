import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

export const FREE_CONTENT = 'freeContent';

/** Which answers of a route are not the same for everyone. */
export interface Exceptions<T> {
  /** Those that hold what is not for everyone. */
  closed?: (answer: T) => boolean;
  /** Those to requests with a token. */
  signedIn?: boolean;
}

/** Marks a route whose answer is the same for everyone, but for the exceptions, so that it is cached here and elsewhere. */
export const FreeContent = <T>(exceptions: Exceptions<T> = {}) =>
  applyDecorators(
    SetMetadata(FREE_CONTENT, exceptions),
    ApiResponse({ status: 304, description: 'What `If-None-Match` names is still current' }),
  );
