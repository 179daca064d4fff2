import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, InjectOptions, LightMyRequestChain, LightMyRequestResponse } from 'fastify';
import type { Exchange } from './contract.js';

type Listener = (exchange: Exchange) => void;
type Call = (...args: unknown[]) => unknown;

/** Has every answer of the application heard as it leaves, whether it is asked with or without a socket. */
export function hearAnswers(app: NestFastifyApplication, listener: Listener): void {
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  hearInjected(instance, listener);
  hearServed(instance.server, listener);
}

function hearInjected(instance: FastifyInstance, listener: Listener): void {
  const inject = instance.inject.bind(instance) as (
    options: InjectOptions | string,
  ) => LightMyRequestChain | Promise<LightMyRequestResponse>;
  const heard = (options: InjectOptions | string) => {
    const asked = inject(options);
    // One that is shutting down refuses at once, without a chain.
    const answered = ('end' in asked ? asked.end() : asked).then((response) => {
      const { method = 'GET', url = '/' } = response.raw.req;
      listener({ method, url, status: response.statusCode, headers: response.headers, body: response.rawPayload });
      return response;
    });
    return Object.assign(answered, { end: () => answered });
  };
  Object.assign(instance, { inject: heard });
}

function hearServed(server: Server, listener: Listener): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    let headers: Exchange['headers'] = {};
    const keep = (chunk: unknown) => {
      if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
      else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    before(response, 'writeHead', (_status, ...rest) => {
      const given = rest.find((value) => typeof value === 'object') as Exchange['headers'] | undefined;
      headers = { ...response.getHeaders(), ...given };
    });
    before(response, 'write', keep);
    before(response, 'end', keep);
    response.once('finish', () => {
      const { method = 'GET', url = '/' } = request;
      listener({ method, url, status: response.statusCode, headers, body: Buffer.concat(chunks) });
    });
  });
}

/** Has a method's arguments seen before it is called. */
function before(response: ServerResponse, method: 'writeHead' | 'write' | 'end', see: Call): void {
  const original = response[method].bind(response) as Call;
  const seen: Call = (...args) => {
    see(...args);
    return original(...args);
  };
  Object.assign(response, { [method]: seen });
}
