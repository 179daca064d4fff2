import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.js';
import { LIMIT } from './limit.js';
import { LIMITS, type LimitName } from './limits.js';
import { LimitsService } from './limits.service.js';

/** Counts a request against its route's own limit, after it is known who asks. */
@Injectable()
export class LimitGuard extends ThrottlerGuard {
  @Inject()
  private readonly limits: LimitsService;

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(this.limitOf(context) === undefined);
  }

  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const name = this.limitOf(context);
    if (name === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const tracked =
      LIMITS[name].per === 'caller' && request.caller
        ? this.limits.user(name, request.caller.userId)
        : this.limits.address(name, clientAddress(request));
    await this.limits.take(name, tracked);
    return true;
  }

  private limitOf(context: ExecutionContext): LimitName | undefined {
    return this.reflector.getAllAndOverride<LimitName | undefined>(LIMIT, [context.getHandler(), context.getClass()]);
  }
}
