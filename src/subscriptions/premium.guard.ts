import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { invalidToken } from '../auth/auth-errors.js';
import { readerOf, requirePremium } from '../auth/reader.js';
import { andThen, type MaybePromise } from '../common/maybe-promise.js';
import { SubscriptionsService } from './subscriptions.service.js';

const PREMIUM = 'premium';

/** Keeps a route for users whose plan is premium, pro or team. */
export const Premium = () => SetMetadata(PREMIUM, true);

/** Whether the plan allows it: what the caller may read is found out here, and `@Premium()` routes ask for it. */
@Injectable()
export class PremiumGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { caller } = request;
    if (!caller) return this.isOpen(context, request);
    return andThen(this.subscriptions.planOf(caller.userId), (plan) => {
      // The account may be known still and be gone.
      if (!plan) throw invalidToken('access');
      caller.hasPremium = plan.features.includes('content.premium');
      return this.isOpen(context, request);
    });
  }

  private isOpen(context: ExecutionContext, request: FastifyRequest): true {
    const isPremium = this.reflector.getAllAndOverride<boolean | undefined>(PREMIUM, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (isPremium) requirePremium(readerOf(request));
    return true;
  }
}
