import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { LimitName } from './limits.js';

export const LIMIT = 'limit';
export const LIMIT_EXEMPTION = 'limitExemption';

/** Tells of requests that do not count, and are answered even when their limit is spent. */
export interface LimitExemption {
  isExempt(request: FastifyRequest): Promise<boolean>;
  /** Asked of a request that would be refused, as it may have become exempt by another that is under way. */
  isExemptAfterAll(request: FastifyRequest): Promise<boolean>;
}

/**
 * How often a route may be asked: the limit of this name.
 * @param exemption the provider that knows which requests do not count
 */
export const Limit = (name: LimitName, exemption?: Type<LimitExemption>) =>
  applyDecorators(SetMetadata(LIMIT, name), SetMetadata(LIMIT_EXEMPTION, exemption));
