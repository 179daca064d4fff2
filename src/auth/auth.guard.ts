import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { ACCESS, type Access } from './access.js';

/**
 * Who is asking. A route is private unless it is marked otherwise. The application issues no tokens yet, so no token
 * can be good.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'open') return true;
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (authorization !== undefined) throw new AppError('INVALID_TOKEN', 'The access token is not valid');
    if (access === 'public') return true;
    throw new AppError('USER_NOT_AUTHENTICATED', 'Sign in to use this');
  }
}
