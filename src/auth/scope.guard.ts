import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { SCOPE, type Scope } from './scope.js';

/** Whether an app may do this for the learner who has connected it. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller?.scopes) return true;
    const scope = this.reflector.getAllAndOverride<Scope | 'any' | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (scope === undefined) throw new AppError('INSUFFICIENT_PERMISSIONS', 'This is not open to apps');
    if (scope === 'any' || caller.scopes.includes(scope)) return true;
    throw new AppError('INSUFFICIENT_PERMISSIONS', `The learner has not granted this app '${scope}'`, { scope });
  }
}
