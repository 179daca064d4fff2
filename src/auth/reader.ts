import { createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';

/** Who reads, and what their plan opens. */
export interface Reader {
  /** Null for the anonymous. */
  userId: string | null;
  hasPremium: boolean;
}

/** The reader of a request. */
export function readerOf({ caller }: FastifyRequest): Reader {
  return { userId: caller?.userId ?? null, hasPremium: caller?.hasPremium ?? false };
}

/** The reader of this request. */
export const Reader = createParamDecorator((_data, context) =>
  readerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** @throws {AppError} USER_NOT_AUTHENTICATED or SUBSCRIPTION_REQUIRED if premium content is closed to the reader */
export function requirePremium(reader: Reader): void {
  if (reader.hasPremium) return;
  throw reader.userId === null
    ? new AppError('USER_NOT_AUTHENTICATED', 'This is premium content: sign in with an account whose plan opens it')
    : new AppError('SUBSCRIPTION_REQUIRED', 'This is premium content, which your plan does not open');
}
