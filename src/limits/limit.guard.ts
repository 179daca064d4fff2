import { type ExecutionContext, Inject, Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { LIMIT, LIMIT_EXEMPTION, type LimitExemption } from './limit.js';
import type { LimitName } from './limits.js';
import { LimitsService } from './limits.service.js';

/** Counts a request against its route's own limit, after it is known who asks. */
@Injectable()
export class LimitGuard extends ThrottlerGuard {
  @Inject()
  private readonly limits: LimitsService;

  @Inject()
  private readonly modules: ModuleRef;

  /** The throttler's own would look for decorators that no route has. */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const name = this.reflector.getAllAndOverride<LimitName | undefined>(LIMIT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (name === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const counting = this.limits.count(name, this.limits.sender(name, request));
    const counted = counting instanceof Promise ? await counting : counting;
    if (counted.used <= counted.limit) return true;
    if (await this.exemptionOf(context)?.isExempt(request)) return true;
    throw this.limits.exceeded(counted);
  }

  private exemptionOf(context: ExecutionContext): LimitExemption | undefined {
    const type = this.reflector.get<Type<LimitExemption> | undefined>(LIMIT_EXEMPTION, context.getHandler());
    return type && this.modules.get(type, { strict: false });
  }
}
