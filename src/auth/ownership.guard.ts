import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { ACCESS, type Access } from './access.js';
import type { Caller } from './caller.js';

type Request = FastifyRequest<{ Params: { user_id?: string }; Body: unknown }>;

/**
 * Whether it is the caller's. The user whom a path or a body names must be the caller, also where there is no such
 * user; an admin may read any.
 */
@Injectable()
export class OwnershipGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const { caller, params, body } = request;
    if (!caller) return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const isAllowed =
      (access !== 'admin' || caller.role === 'admin') &&
      (isCaller(params.user_id, caller) || (caller.role === 'admin' && isForAdmins(access, request))) &&
      isCaller(userIn(body), caller);
    if (!isAllowed) throw new AppError('INSUFFICIENT_PERMISSIONS', 'This is not yours');
    return true;
  }
}

function isForAdmins(access: Access | undefined, { method }: Request): boolean {
  return access === 'admin' || access === 'self or admin' || method === 'GET' || method === 'HEAD';
}

function isCaller(userId: string | undefined, caller: Caller): boolean {
  return userId === undefined || userId === 'me' || userId === caller.userId;
}

function userIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('user_id' in body)) return undefined;
  return typeof body.user_id === 'string' ? body.user_id : undefined;
}
