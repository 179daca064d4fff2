import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import type { AuthorizationServer } from './authorization-server.js';
import { GRANTABLE } from './server-settings.js';

/** What belongs to a connection and not to an answer that is passed on (RFC 9110, 7.6.1). */
const OF_THE_CONNECTION = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * Has the authorization server answer a request and passes its answer on, so that all that holds for every route holds
 * for it too.
 * @param url what it is asked instead of the request's own
 */
export async function passOn(
  server: AuthorizationServer,
  request: FastifyRequest,
  reply: FastifyReply,
  url = request.url,
): Promise<FastifyReply> {
  const provider = await server.open();
  const { default: inject } = await import('light-my-request');
  const handle = provider.callback();
  const answer = await inject((raw, response) => void handle(raw, response), {
    method: request.method,
    url,
    headers: { ...request.headers, ...server.publicHeaders },
    payload: request.body as Buffer | undefined,
  });
  const failure = server.failureOf(answer.raw.req);
  if (failure) throw failure;
  const headers = Object.entries(answer.headers).filter(([name]) => !OF_THE_CONNECTION.includes(name));
  return reply.status(answer.statusCode).headers(Object.fromEntries(headers)).send(answer.rawPayload);
}

/**
 * The URL of an authorization request with what it need not say: of the scopes that it names those that there are, all
 * where it names none that opens anything; and that the learner is asked, each time and whatever they allowed before.
 * Only a learner who is asked can allow an app to go on while they are away.
 * @throws {AppError} BAD_REQUEST for an answer in another form than as a query
 */
export function askedUrl(url: string): string {
  const [path, query = ''] = url.split(/\?(.*)/s, 2);
  const params = new URLSearchParams(query);
  if (!['query', null].includes(params.get('response_mode'))) {
    throw new AppError('BAD_REQUEST', 'The app asks for an answer in another form than it can be given');
  }
  if (params.getAll('scope').length <= 1) params.set('scope', knownScopes(params.get('scope') ?? ''));
  const prompts = params.get('prompt')?.split(' ') ?? [];
  const mayAsk = !prompts.includes('none') && params.getAll('prompt').length <= 1;
  if (mayAsk) params.set('prompt', [...new Set([...prompts, 'consent'])].join(' '));
  return `${path}?${params.toString()}`;
}

function knownScopes(asked: string): string {
  const known = GRANTABLE.filter((scope) => asked.split(' ').includes(scope));
  const opensAnything = known.some((scope) => scope !== 'offline_access');
  return (opensAnything ? known : GRANTABLE).join(' ');
}
