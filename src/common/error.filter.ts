import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseUnavailable, isForeignKeyViolation } from '../database/database-errors.js';
import { errorBody, errorHeaders } from './error-body.js';
import { AppError, type ErrorCode, unavailable } from './errors.js';
import { unknownRoute } from './routes.js';

const DATABASE_RETRY_AFTER_S = 2;

/** What the HTTP server itself may refuse, by status. */
const SERVER_REFUSALS: Record<number, [ErrorCode, string]> = {
  413: ['PAYLOAD_TOO_LARGE', 'The body is larger than 256 KiB'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json'],
};

/**
 * Writes every error, whoever threw it, in the one shape or in the form that its route has; what is not meant for the
 * client is logged instead.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Errors');

  constructor(private readonly modules: ModuleRef) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toAppError(exception, request);
    if (request.context) request.context.errorCode = error.code;
    this.log(error, exception, request);
    const { errorForm } = request.routeOptions.config;
    if (errorForm) this.modules.get(errorForm, { strict: false }).write(error, request, reply);
    else void reply.status(error.status).headers(errorHeaders(error)).send(errorBody(error, request.id));
  }

  private log({ code, status }: AppError, exception: unknown, request: FastifyRequest): void {
    if (status === 500) this.logger.error(exception);
    else if (status > 500) this.logger.warn(exception);
    else if (status === 401 || status === 403) {
      const { method, caller, context } = request;
      const route = context?.route ?? 'unknown';
      this.logger.warn({ event: 'access.refused', error_code: code, method, route, user_id: caller?.userId });
    }
  }
}

function toAppError(exception: unknown, request: FastifyRequest): AppError {
  if (exception instanceof AppError) return exception;
  if (exception instanceof HttpException && exception.getStatus() < 500) {
    if (exception.getStatus() === 404) return unknownRoute(request);
    const [code, message] = SERVER_REFUSALS[exception.getStatus()] ?? ['BAD_REQUEST', exception.message];
    return new AppError(code, message);
  }
  if (isDatabaseUnavailable(exception))
    return unavailable('The database cannot be reached for now', DATABASE_RETRY_AFTER_S);
  if (isForeignKeyViolation(exception)) {
    return new AppError('CONFLICT', 'What this refers to is gone or has changed meanwhile');
  }
  return new AppError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side');
}
