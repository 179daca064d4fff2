import { SetMetadata } from '@nestjs/common';
import type { ErrorCode } from './errors.js';

export const ERRORS = 'errors';

/**
 * Documents the errors that are a route's own. Those that follow from who may use it, from its limit and from being a
 * route of the API need no mention.
 */
export const Errors = (...codes: ErrorCode[]) => SetMetadata(ERRORS, codes);
