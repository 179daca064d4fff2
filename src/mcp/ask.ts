import type {
  FastifyInstance,
  FastifyRequest,
  InjectOptions,
  LightMyRequestChain,
  LightMyRequestResponse,
} from 'fastify';
import type { ErrorBody } from '../common/error-body.js';
import { AppError, type ErrorCode, unavailable, validationError } from '../common/errors.js';
import { IdPipe } from '../common/ids.js';
import { outerRequest } from '../common/outer-request.js';
import { traceparent } from '../common/trace-context.js';
import type { Operation } from './operations.js';

/** What a model says, by name. */
export type Arguments = Record<string, unknown>;

/** Who asks: the client of a request to `/mcp`. */
export interface Asker {
  request: FastifyRequest;
  address: string;
  /** Comes when the client hangs up. */
  hangUp: AbortSignal;
}

/** What an operation answered. */
export interface Answer<T> {
  body: T;
  /** Of a list: how many items it has in all. */
  total: number;
}

const RETRY_AFTER_S = 2;
const ID = new IdPipe();

/**
 * Asks an operation in this process what a client would ask it over HTTP: with the client's own token and address, past
 * the same guards, limits and rules. An argument that is null counts as left out.
 * @throws {AppError} what the operation refuses with
 */
export async function ask<T>(
  server: FastifyInstance,
  { method, path, hasBody }: Operation,
  args: Arguments,
  { request: { context, headers }, address, hangUp }: Asker,
): Promise<Answer<T>> {
  if (!context) throw new Error('Only a request that could be read can ask');
  const given = new Map(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));
  const url = path.replaceAll(/\{(\w+)\}/g, (_braces, name: string) => takeId(given, name));
  const request: InjectOptions = {
    method,
    url: hasBody ? url : url + queryOf(given),
    remoteAddress: address,
    headers: {
      'x-request-id': context.requestId,
      traceparent: traceparent(context.trace),
      ...(headers.authorization !== undefined && { authorization: headers.authorization }),
    },
    ...(hasBody && { payload: Object.fromEntries(given) }),
  };
  // Without end() it would begin where it is waited for, which is outside.
  const asked = outerRequest.run({ context, hangUp }, () => (server.inject(request) as LightMyRequestChain).end());
  const response = await asked.catch((error: unknown) => {
    throw unavailable('The server is shutting down', RETRY_AFTER_S, error);
  });
  if (response.statusCode >= 400) throw refusal(response);
  return { body: response.json<T>(), total: Number(response.headers['x-total-count'] ?? 0) };
}

/** An id that goes into the path, checked before it could lead to another one; it is no argument any more. */
function takeId(given: Map<string, unknown>, name: string): string {
  if (name === 'user_id') return 'me';
  const value = given.get(name);
  given.delete(name);
  if (value === undefined) throw validationError([{ field: name, message: 'is missing' }]);
  return ID.transform(toText(name, value), { type: 'param', data: name });
}

function queryOf(given: Map<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of given) query.set(name, toText(name, value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function toText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw validationError([{ field: name, message: 'must be a single value' }]);
}

/** The error that an operation threw, put together again from its answer. */
function refusal(response: LightMyRequestResponse): AppError {
  const { error_code, detail, errors } = response.json<ErrorBody>();
  const { 'retry-after': retryAfter, 'www-authenticate': challenge } = response.headers;
  return new AppError(error_code as ErrorCode, detail, {
    errors,
    retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
    scope: /scope="([^"]*)"/.exec(String(challenge))?.[1],
  });
}
