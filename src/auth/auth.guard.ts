import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { andThen, type MaybePromise } from '../common/maybe-promise.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { GrantedTokens } from '../connections/granted-tokens.js';
import type { UserState } from '../users/users.repository.js';
import { UsersService } from '../users/users.service.js';
import { ACCESS, type Access } from './access.js';
import { type AccessClaims, AccessTokens } from './access-tokens.js';
import { accountDisabled, invalidToken, tokenExpired } from './auth-errors.js';
import { bearerToken } from './bearer.js';
import type { Caller } from './caller.js';

type Request = FastifyRequest & { user?: AccessClaims };

/** Who is asking. A route is private unless it is marked otherwise. */
@Injectable()
export class AuthGuard extends PassportGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly users: UsersService,
    private readonly tokens: AccessTokens,
    private readonly grantedTokens: GrantedTokens,
    private readonly connections: ConnectionsService,
  ) {
    super();
  }

  override canActivate(context: ExecutionContext): MaybePromise<true> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'open') return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (request.headers.authorization === undefined) {
      if (access === 'public') return true;
      throw new AppError('USER_NOT_AUTHENTICATED', 'Sign in to use this');
    }
    return andThen(this.callerBy(bearerToken(request), request, context), (caller) => {
      request.caller = caller;
      return true;
    });
  }

  /** Called by passport with what the strategy found out. */
  override handleRequest<T>(error: unknown, claims: T | false, info: unknown): T {
    if (error instanceof Error) throw error;
    if (claims) return claims;
    throw info instanceof Error && info.name === 'TokenExpiredError' ? tokenExpired() : invalidToken('access');
  }

  private callerBy(token: string | null, request: Request, context: ExecutionContext): MaybePromise<Caller> {
    const known = token === null ? undefined : this.tokens.recall(token);
    if (known) return this.callerOf(known);
    if (token !== null && this.grantedTokens.isOne(token)) return this.callerThroughApp(token);
    return this.callerAfterCheck(token, request, context);
  }

  private async callerAfterCheck(token: string | null, request: Request, context: ExecutionContext): Promise<Caller> {
    await super.canActivate(context);
    const claims = request.user;
    if (!claims || token === null) throw invalidToken('access');
    this.tokens.remember(token, claims);
    return this.callerOf(claims);
  }

  private callerOf({ sub, ver }: AccessClaims): MaybePromise<Caller> {
    return andThen(this.activeState(sub), ({ tokenVersion, role }) => {
      if (tokenVersion !== ver) throw invalidToken('access');
      return { userId: sub, role, hasPremium: false, scopes: null };
    });
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

  private activeState(userId: string): MaybePromise<UserState> {
    return andThen(this.users.stateOf(userId), (state) => {
      if (!state) throw invalidToken('access');
      if (!state.isActive) throw accountDisabled();
      return state;
    });
  }
}
