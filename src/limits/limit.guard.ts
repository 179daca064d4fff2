import { type ExecutionContext, Inject, Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.js';
import { LIMIT, LIMIT_EXEMPTION, type LimitExemption } from './limit.js';
import { LIMITS, type LimitName } from './limits.js';
import { LimitsService } from './limits.service.js';

/** Counts a request against its route's own limit, after it is known who asks. */
@Injectable()
export class LimitGuard extends ThrottlerGuard {
  @Inject()
  private readonly limits: LimitsService;

  @Inject()
  private readonly modules: ModuleRef;

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
    const exemption = this.exemptionOf(context);
    if (await exemption?.isExempt(request)) return true;
    const counted = await this.limits.count(name, tracked);
    if (counted.used <= counted.limit) return true;
    if (await exemption?.isExemptAfterAll(request)) return true;
    throw this.limits.exceeded(counted);
  }

  private exemptionOf(context: ExecutionContext): LimitExemption | undefined {
    const type = this.reflector.get<Type<LimitExemption> | undefined>(LIMIT_EXEMPTION, context.getHandler());
    return type && this.modules.get(type, { strict: false });
  }

  private limitOf(context: ExecutionContext): LimitName | undefined {
    return this.reflector.getAllAndOverride<LimitName | undefined>(LIMIT, [context.getHandler(), context.getClass()]);
  }
}
