import type { Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from './errors.js';

/** Writes errors as another protocol than ours wants them. */
export interface ErrorForm {
  write(error: AppError, request: FastifyRequest, reply: FastifyReply): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    errorForm?: Type<ErrorForm>;
  }
}

/** Has a route's errors written by this provider, those of the HTTP server about its bodies included. */
export const ErrorsAs = (errorForm: Type<ErrorForm>) => RouteConfig({ errorForm });
