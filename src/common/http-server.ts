import { isUtf8 } from 'node:buffer';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { answerHeaders, commonHeaders } from './common-headers.js';
import { errorBody, errorHeaders } from './error-body.js';
import { AppError } from './errors.js';
import { requestId } from './ids.js';
import { JSON_TYPE } from './media-types.js';
import { outerRequest } from './outer-request.js';
import { sendReady } from './ready-answer.js';
import { REDIS_BUDGET_MS } from './request-context.js';
import type { RequestWatch } from './request-watch.js';
import { rememberRoutes } from './routes.js';
import { continueTrace } from './trace-context.js';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_URL_CHARACTERS = 8000;
const MAX_HEADER_BYTES = 16 * 1024;
/** More than the limits above, so that what breaks them is answered as such, not as a parser error. */
const PARSER_HEADER_BYTES = 64 * 1024;

/** How long a client may take to send its headers, and the whole request. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const LOOK_FOR_SLOW_CLIENTS_MS = 2000;
/** How long nothing may move on a connection that is in use; longer than a model may take. */
const IDLE_TIMEOUT_MS = 60_000;
/** Longer than balancers keep a connection, so that it is they who close it. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/**
 * The HTTP server under the application: its limits, and its own refusals in the shape of every other error.
 * @param watch is told of every request
 */
export function createHttpServer(logger: Logger, config: Config, watch: RequestWatch): FastifyAdapter {
  const { trustedProxies, tracing } = config;
  const isSampled = () => tracing !== null && Math.random() < tracing.ratio;
  const adapter = new FastifyAdapter({
    skipMiddie: true,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Lines know their request by its context.
    childLoggerFactory: () => logger,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARSER_HEADER_BYTES },
    http: {
      maxHeaderSize: PARSER_HEADER_BYTES,
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: LOOK_FOR_SLOW_CLIENTS_MS,
    },
    rewriteUrl: ({ url = '/' }) => withoutOrigin(url),
    genReqId: (raw: IncomingMessage) => requestId(raw.headers['x-request-id']),
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) =>
      refuse(unreadableUrl(), request, reply.headers(answerHeaders(reply))),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, watch),
  });
  const server = adapter.getInstance<FastifyInstance>();
  rememberRoutes(server);
  server.removeContentTypeParser('text/plain');
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = body.toString();
    const refusal = text === '' ? null : bodyError(request, body as Buffer, text);
    if (text === '' || refusal) done(refusal, undefined);
    else void parseJson(request, text, done);
  });
  server.decorateRequest('context', null);
  server.decorateRequest('caller', null);
  server.addHook('onRequest', (request, reply, done) => {
    const { url: route } = request.routeOptions;
    // Many clients name a type also where they send no body.
    if (request.headers['content-length'] === '0') delete request.raw.headers['content-type'];
    const trace = continueTrace(request.headers.traceparent, isSampled);
    const outer = outerRequest.getStore();
    request.context = { requestId: request.id, route, trace, outer, limits: [], redisBudgetMs: REDIS_BUDGET_MS };
    watch.begin(request, reply);
    const refusal = frameError(request);
    if (refusal) refuse(refusal, request, reply);
    else done();
  });
  // "Expect: 100-continue" is answered by Node; any other expectation is served as if it were not there.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  return adapter;
}

/**
 * No route has a schema of Fastify's, whose compilers take a while to load: DTOs say what is taken and what is
 * answered.
 */
function noSchemas(): never {
  throw new Error('No compiler is there for a schema of Fastify');
}

/** The path of a target in absolute form (RFC 9112, 3.2.2), any other as it is. */
function withoutOrigin(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '') || '/';
}

function frameError({ raw }: FastifyRequest): AppError | null {
  const url = raw.url ?? '/';
  if (url.length > MAX_URL_CHARACTERS) {
    return new AppError('URI_TOO_LONG', `The URL is longer than ${MAX_URL_CHARACTERS} characters`);
  }
  if (headerBytes(raw.rawHeaders) > MAX_HEADER_BYTES) return headersTooLarge();
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
    return new AppError('BAD_REQUEST', 'The request has no Host header');
  }
  return url.includes('%') && !isDecodable(url) ? unreadableUrl() : null;
}

function bodyError({ headers }: FastifyRequest, body: Buffer, text: string): AppError | null {
  const { 'content-encoding': coding = 'identity' } = headers;
  if (coding.toLowerCase() !== 'identity') {
    return new AppError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed');
  }
  if (!isUtf8(body)) return new AppError('BAD_REQUEST', 'The body is not UTF-8');
  // The parser would skip it, though JSON that is sent begins with none (RFC 8259, 8.1).
  return text.startsWith('\ufeff') ? new AppError('BAD_REQUEST', 'The body begins with a byte order mark') : null;
}

function headerBytes(rawHeaders: string[]): number {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

function unreadableUrl(): AppError {
  return new AppError('BAD_REQUEST', 'The URL cannot be decoded');
}

function headersTooLarge(): AppError {
  return new AppError('HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB');
}

function refuse(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  if (request.context) request.context.errorCode = error.code;
  void reply.status(error.status).headers(errorHeaders(error)).send(errorBody(error, request.id));
}

/** Refuses a request past all that is done for an answer: what is refused for want of time must take hardly any. */
export function refuseAtOnce(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  if (request.context) request.context.errorCode = error.code;
  const body = Buffer.from(JSON.stringify(errorBody(error, request.id)));
  void reply.status(error.status).headers(errorHeaders(error)).type(JSON_TYPE).header('content-length', body.length);
  sendReady(reply, body);
}

/** Answers what is not HTTP, or came too slowly or with too much, before the connection is closed. */
function refuseConnection(error: Error & { code?: string }, socket: Socket, watch: RequestWatch): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? headersTooLarge()
      : new AppError('BAD_REQUEST', 'The request is not valid HTTP, or did not arrive in time');
  const id = requestId(undefined);
  const body = JSON.stringify(errorBody(refusal, id));
  const headers = {
    'content-type': JSON_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    ...commonHeaders({ id, context: null }),
    connection: 'close',
    ...errorHeaders(refusal),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${head.join('')}\r\n${body}`);
  const { status, code: errorCode } = refusal;
  const unread = { trace: null, method: 'unknown', route: 'unknown', began: performance.now(), durationMs: 0 };
  watch.tell({ ...unread, requestId: id, status, bytes: Buffer.byteLength(body), errorCode });
}
