import { setTimeout as delay } from 'node:timers/promises';
import { type ExecutionContext, Inject, Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import type { CountedLimit } from '../common/request-context.js';
import { LIMIT, LIMIT_EXEMPTION, type LimitExemption } from './limit.js';
import type { LimitName } from './limits.js';
import { LimitsService } from './limits.service.js';

/** How long what is under way may take to be stored, until what waits for it is refused. */
const IN_FLIGHT_MS = 250;

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
    const exemption = this.exemptionOf(context);
    if (exemption && (await this.isLetThrough(request, counted, exemption))) return true;
    throw this.limits.exceeded(counted);
  }

  /** What is under way may turn out not to count: this very request's first copy, or one that has taken its place. */
  private async isLetThrough(
    request: FastifyRequest,
    counted: CountedLimit,
    exemption: LimitExemption,
  ): Promise<boolean> {
    for (const wait of [0, IN_FLIGHT_MS]) {
      await delay(wait);
      if ((await exemption.isExempt(request)) || (await this.limits.countAgain(counted))) return true;
    }
    return false;
  }

  private exemptionOf(context: ExecutionContext): LimitExemption | undefined {
    const type = this.reflector.get<Type<LimitExemption> | undefined>(LIMIT_EXEMPTION, context.getHandler());
    return type && this.modules.get(type, { strict: false });
  }
}
