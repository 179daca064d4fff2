import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { readerOf, requirePremium } from '../auth/reader.js';
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

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { caller } = request;
    if (caller) caller.hasPremium = await this.subscriptions.opens(caller.userId, 'content.premium');
    const isPremium = this.reflector.getAllAndOverride<boolean | undefined>(PREMIUM, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (isPremium) requirePremium(readerOf(request));
    return true;
  }
}
