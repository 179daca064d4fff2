import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { isSameSecret } from '../common/secret.js';
import { Config } from '../config/config.js';
import { MetricsController } from './metrics.controller.js';

/**
 * Lets those read the metrics who send METRICS_TOKEN, where it is set. It is a guard of all routes, so that it comes
 * before the rules of input.
 */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const { metricsToken } = this.config;
    if (metricsToken === null || context.getClass() !== MetricsController) return true;
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (given === undefined) throw new AppError('USER_NOT_AUTHENTICATED', 'The metrics take a token');
    if (!isSameSecret(given, metricsToken)) throw new AppError('INVALID_TOKEN', 'This is not the token of the metrics');
    return true;
  }
}
