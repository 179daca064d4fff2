import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { GrantedTokens } from '../connections/granted-tokens.js';
import { type UserState, UsersService } from '../users/users.service.js';
import { ACCESS, type Access } from './access.js';
import type { AccessClaims } from './access-tokens.js';
import { accountDisabled, invalidToken } from './auth-errors.js';
import { bearerToken } from './bearer.js';
import type { Caller } from './caller.js';

/** Who is asking. A route is private unless it is marked otherwise. */
@Injectable()
export class AuthGuard extends PassportGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly users: UsersService,
    private readonly grantedTokens: GrantedTokens,
    private readonly connections: ConnectionsService,
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
    const token = bearerToken(request);
    if (token !== null && this.grantedTokens.isOne(token)) {
      request.caller = await this.callerThroughApp(token);
      return true;
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
    const { tokenVersion, role } = await this.activeState(sub);
    if (tokenVersion !== ver) throw invalidToken('access');
    return { userId: sub, role, hasPremium: false, scopes: null };
  }

  /** Whoever an app acts for is a learner to it. */
  private async callerThroughApp(token: string): Promise<Caller> {
    const claims = this.grantedTokens.verify(token);
    if (!claims) throw invalidToken('access');
    const { userId, connectionId, scopes } = claims;
    await this.activeState(userId);
    if (!(await this.connections.isLiving(userId, connectionId))) throw invalidToken('access');
    return { userId, role: 'learner', hasPremium: false, scopes };
  }

  private async activeState(userId: string): Promise<UserState> {
    const state = await this.users.stateOf(userId);
    if (!state) throw invalidToken('access');
    if (!state.isActive) throw accountDisabled();
    return state;
  }
}
