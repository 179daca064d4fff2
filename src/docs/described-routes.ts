import type { INestApplication } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { ACCESS, type Access } from '../auth/access.js';
import { SCOPE, type Scope } from '../auth/scope.js';
import { ERRORS } from '../common/api-errors.js';
import type { ErrorCode } from '../common/errors.js';
import { LIMIT } from '../limits/limit.js';
import type { LimitName } from '../limits/limits.js';

/** Where `@ApiOperation` keeps what it is given. */
const API_OPERATION = 'swagger/apiOperation';

/** What the decorators of a route say of it beyond its input and output. */
export interface DescribedRoute {
  access: Access;
  /** Which opens it to apps. */
  scope?: Scope;
  limit?: LimitName;
  errors: ErrorCode[];
}

type Method = (...args: unknown[]) => unknown;

/** The application's routes by their operationId. */
export function describedRoutes(app: INestApplication): Map<string, DescribedRoute> {
  const reflector = app.get(Reflector);
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  const routes = new Map<string, DescribedRoute>();
  for (const { metatype } of controllers) {
    if (!metatype) continue;
    for (const method of methodsOf(metatype)) {
      const { operationId } = reflector.get<{ operationId?: string } | undefined>(API_OPERATION, method) ?? {};
      if (operationId === undefined) continue;
      const read = <T>(key: string) => reflector.getAllAndOverride<T | undefined>(key, [method, metatype as Method]);
      routes.set(operationId, {
        access: read<Access>(ACCESS) ?? 'private',
        scope: read<Scope>(SCOPE),
        limit: read<LimitName>(LIMIT),
        errors: read<ErrorCode[]>(ERRORS) ?? [],
      });
    }
  }
  return routes;
}

function methodsOf({ prototype }: { prototype: object }): Method[] {
  const values = Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ value }) => value as unknown);
  return values.filter((value): value is Method => typeof value === 'function');
}
