import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { LimitName } from './limits.js';

export const LIMIT = 'limit';
export const LIMIT_EXEMPTION = 'limitExemption';

/** Tells of requests that are answered even when their limit is spent, as they turn out not to count. */
export interface LimitExemption {
  /** Asked of a request that would be refused, and again when what was under way has had some time. */
  isExempt(request: FastifyRequest): Promise<boolean>;
}

/**
 * How often a route may be asked: the limit of this name.
 * @param exemption the provider that knows which requests are answered even when it is spent
 */
export const Limit = (name: LimitName, exemption?: Type<LimitExemption>) =>
  applyDecorators(SetMetadata(LIMIT, name), SetMetadata(LIMIT_EXEMPTION, exemption));
