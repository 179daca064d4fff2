import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { UsersService } from '../users/users.service.js';
import { ACCESS, type Access } from './access.js';
import type { AccessClaims } from './access-tokens.js';
import { accountDisabled, invalidToken } from './auth-errors.js';
import type { Caller } from './caller.js';

/** Who is asking. A route is private unless it is marked otherwise. */
@Injectable()
export class AuthGuard extends PassportGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly users: UsersService,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'open') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: AccessClaims }>();
    if (request.headers.authorization === undefined) {
      if (access === 'public') return true;
      throw new AppError('USER_NOT_AUTHENTICATED', 'Sign in to use this');
    }
    await super.canActivate(context);
    if (request.user) request.caller = await this.callerOf(request.user);
    return true;
  }

  /** Called by passport with what the strategy found out. */
  override handleRequest<T>(error: unknown, claims: T | false, info: unknown): T {
    if (error instanceof Error) throw error;
    if (claims) return claims;
    throw info instanceof Error && info.name === 'TokenExpiredError'
      ? new AppError('TOKEN_EXPIRED', 'The access token has expired')
      : invalidToken('access');
  }

  private async callerOf({ sub, ver }: AccessClaims): Promise<Caller> {
    const state = await this.users.stateOf(sub);
    if (!state) throw invalidToken('access');
    if (!state.isActive) throw accountDisabled();
    if (state.tokenVersion !== ver) throw invalidToken('access');
    return { userId: sub, role: state.role, hasPremium: false, scopes: null };
  }
}
