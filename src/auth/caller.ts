import { createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IdPipe } from '../common/ids.js';
import type { User } from '../users/user.entity.js';
import type { Scope } from './scope.js';

/** Who sent the token of a request. */
export interface Caller {
  userId: string;
  /** An app acts as a learner, whoever has connected it. */
  role: User['role'];
  /** Whether the plan opens premium content; false until `PremiumGuard` has looked, which comes after `AuthGuard`. */
  hasPremium: boolean;
  /** What the app that asks for the caller was granted; null where the caller has signed in here. */
  scopes: readonly Scope[] | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for the anonymous, and where no token is looked at. */
    caller: Caller | null;
  }
}

/** The id of the caller of a route that is private. */
export const CallerId = createParamDecorator((_data, context) => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new Error('Only a private route has a caller');
  return caller.userId;
});

const UserOfPath = createParamDecorator((_data, context) => {
  const { caller, params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { user_id: string } }>>();
  return params.user_id === 'me' && caller ? caller.userId : params.user_id;
});

/** The id of the user whom the path names, where `me` is the caller; one that is not well formed is a 422. */
export const UserId = () => UserOfPath('user_id', IdPipe);
