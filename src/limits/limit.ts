import { SetMetadata } from '@nestjs/common';
import type { LimitName } from './limits.js';

export const LIMIT = 'limit';

/** How often a route may be asked: the limit of this name. */
export const Limit = (name: LimitName) => SetMetadata(LIMIT, name);
