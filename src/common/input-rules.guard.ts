import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { type FieldError, validationError } from './errors.js';
import { isStorableText } from './text.js';

const MAX_DEPTH = 32;
const UNKNOWN = 'is not known here';
const UNSTORABLE = 'must not hold a NUL character or half a surrogate pair';

type Query = Record<string, string | string[]>;

/**
 * What holds for the input of every route, before its own DTO is asked: no query key twice, none at all on a route that
 * reads none, and no body that is no object, is nested too deeply or that a database could not store. It is the last of
 * the guards: who may not ask is not told what is wrong.
 */
@Injectable()
export class InputRulesGuard implements CanActivate {
  private readonly parameters = new Map<object, { query: boolean; body: boolean }>();

  canActivate(context: ExecutionContext): boolean {
    const { query, body } = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: Query }>>();
    const reads = this.parametersOf(context);
    const errors = Object.keys(query).length > 0 ? queryErrors(query, reads.query) : [];
    if (body !== undefined) errors.push(...bodyErrors(body, reads.body));
    if (errors.length > 0) throw validationError(errors);
    return true;
  }

  /** Which parts of a request the route reads. */
  private parametersOf(context: ExecutionContext): { query: boolean; body: boolean } {
    const handler = context.getHandler();
    const remembered = this.parameters.get(handler);
    if (remembered !== undefined) return remembered;
    const metadata = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ?? {}) as object;
    const has = (type: RouteParamtypes) => Object.keys(metadata).some((key) => key.startsWith(`${type}:`));
    const found = { query: has(RouteParamtypes.QUERY), body: has(RouteParamtypes.BODY) };
    this.parameters.set(handler, found);
    return found;
  }
}

function queryErrors(query: Query, isRead: boolean): FieldError[] {
  return Object.entries(query).flatMap(([field, value]) => {
    if (!isRead || isInherited(field)) return [{ field, message: UNKNOWN }];
    if (Array.isArray(value)) return [{ field, message: 'must be given once' }];
    return isStorableText(value) ? [] : [{ field, message: UNSTORABLE }];
  });
}

function bodyErrors(body: unknown, isRead: boolean): FieldError[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [{ field: 'body', message: 'must be an object' }];
  }
  if (isRead) return valueErrors(body, '', 1);
  // Who it is for has been looked at already, and may be told to any route.
  return Object.entries(body).flatMap(([field, value]) => {
    if (field !== 'user_id') return [{ field, message: UNKNOWN }];
    return typeof value === 'string' ? [] : [{ field, message: 'must be text' }];
  });
}

function valueErrors(value: unknown, field: string, depth: number): FieldError[] {
  if (typeof value === 'string') return isStorableText(value) ? [] : [{ field, message: UNSTORABLE }];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [{ field, message: 'is too large a number' }];
  if (typeof value !== 'object' || value === null) return [];
  if (depth > MAX_DEPTH) return [{ field, message: `must not be nested more than ${MAX_DEPTH} deep` }];
  return Object.entries(value).flatMap(([key, item]) => {
    const here = field === '' ? key : `${field}.${key}`;
    if (isInherited(key)) return [{ field: here, message: UNKNOWN }];
    if (!isStorableText(key)) return [{ field: field || 'body', message: UNSTORABLE }];
    return valueErrors(item, here, depth + 1);
  });
}

/** Whether every object has the key already, such as `constructor`; the validator would overlook it. */
function isInherited(key: string): boolean {
  return key in Object.prototype;
}
