import { applyDecorators } from '@nestjs/common';
import { Errors } from '../common/api-errors.js';
import type { ErrorCode } from '../common/errors.js';
import { Limit } from '../limits/limit.js';
import { Premium } from '../subscriptions/premium.guard.js';

/** Marks a route that asks a model: its plan, its limit, and the errors that it may answer beside its own. */
export const AsksModel = (...errors: ErrorCode[]) =>
  applyDecorators(
    Premium(),
    Limit('HYBRID_CALLS'),
    Errors('SUBSCRIPTION_REQUIRED', ...errors, 'CONFLICT', 'QUOTA_EXCEEDED', 'LLM_BAD_ANSWER', 'LLM_UNAVAILABLE'),
  );
