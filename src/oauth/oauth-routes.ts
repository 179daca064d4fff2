import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SCOPES } from '../auth/scope.js';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { clientAddress } from '../limits/client-address.js';
import type { LimitName } from '../limits/limits.js';
import { LimitsService } from '../limits/limits.service.js';
import { AuthorizationServer } from './authorization-server.js';
import { PAGE_STYLE } from './page-style.js';
import { errorPage, explain } from './pages.js';
import { askedUrl, passOn } from './pass-on.js';
import { type Exchange, SignIn, type Step } from './sign-in.js';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

const HTML = 'text/html; charset=utf-8';
/** A HEAD would begin a sign-in that nobody goes on with. */
const WITHOUT_HEAD = { exposeHeadRoute: false };
const KEPT_FOR_AN_HOUR = 'public, max-age=3600';

/** The routes of the authorization server and of its pages, whose bodies are read by whoever they are for. */
export function serveOAuth(app: NestFastifyApplication): void {
  const config = app.get(Config);
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    addMetadataRoutes(scope, config);
    addServerRoutes(scope, config, app.get(AuthorizationServer), app.get(LimitsService));
    addPageRoutes(scope, app.get(SignIn));
    done();
  });
}

/** What the API says of itself as a resource that tokens open (RFC 9728); the MCP endpoint is the same resource. */
function addMetadataRoutes(scope: FastifyInstance, { publicUrl }: Config): void {
  const metadata = {
    resource: publicUrl,
    authorization_servers: [publicUrl],
    scopes_supported: [...SCOPES],
    bearer_methods_supported: ['header'],
    resource_name: 'Course Companion',
  };
  for (const url of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
    scope.get(url, (_request, reply) => reply.header('cache-control', KEPT_FOR_AN_HOUR).send(metadata));
  }
}

function addServerRoutes(
  scope: FastifyInstance,
  config: Config,
  server: AuthorizationServer,
  limits: LimitsService,
): void {
  const pass: Handler = (request, reply) => passOn(server, request, reply);
  const cached: Handler = (request, reply) => pass(request, reply.header('cache-control', KEPT_FOR_AN_HOUR));
  const count = (name: LimitName, request: FastifyRequest) => limits.takeFrom(name, request);
  scope.get('/.well-known/oauth-authorization-server', cached);
  scope.get('/.well-known/openid-configuration', cached);
  scope.get('/oauth/jwks', cached);
  const authorize = inPages(async (request, reply) => {
    await count('OAUTH_AUTHORIZE', request);
    return passOn(server, request, reply, askedUrl(request.url));
  });
  scope.get('/oauth/authorize', WITHOUT_HEAD, authorize);
  scope.get('/oauth/authorize/:uid', WITHOUT_HEAD, inPages(pass));
  const passCounted: Handler = async (request, reply) => {
    await count('OAUTH_TOKEN', request);
    return pass(request, reply);
  };
  scope.post('/oauth/token', passCounted);
  scope.post('/oauth/revoke', passCounted);
  if (config.oauthDynamicRegistration) {
    scope.post('/oauth/register', async (request, reply) => {
      await count('OAUTH_REGISTER', request);
      return pass(request, reply);
    });
  }
}

function addPageRoutes(scope: FastifyInstance, signIn: SignIn): void {
  const step = (lead: (exchange: Exchange) => Promise<Step>) =>
    inPages(async (request, reply) => answer(reply, await lead(toExchange(request, reply))));
  const base = '/oauth/interaction/:uid';
  const show = step((exchange) => signIn.show(exchange));
  const showRegistration = step((exchange) => signIn.showRegistration(exchange));
  scope.get(base, WITHOUT_HEAD, show);
  scope.get(`${base}/register`, WITHOUT_HEAD, showRegistration);
  const forms = {
    'sign-in': step((exchange) => signIn.signIn(exchange)),
    register: step((exchange) => signIn.register(exchange)),
    consent: step((exchange) => signIn.consent(exchange)),
    switch: step((exchange) => signIn.switchAccount(exchange)),
    cancel: step((exchange) => signIn.cancel(exchange)),
  };
  for (const [name, handler] of Object.entries(forms)) scope.post(`${base}/${name}`, handler);
  // A refused form leaves the browser at this address; opened anew, it shows the form.
  scope.get(`${base}/sign-in`, WITHOUT_HEAD, show);
  scope.get('/oauth/style.css', (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', KEPT_FOR_AN_HOUR).send(PAGE_STYLE),
  );
}

/** For a browser: what a person has to be told is a page. */
function inPages(handler: Handler): Handler {
  return async (request, reply) => {
    const policy = { 'content-security-policy': pagePolicy(null), 'referrer-policy': 'same-origin' };
    void reply.headers({ 'cache-control': 'no-store', ...policy });
    try {
      return await handler(request, reply);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const { status, retryAfter } = error;
      return answer(reply, { status, retryAfter, page: errorPage(explain(error)), returnTo: null });
    }
  };
}

function toExchange(request: FastifyRequest, reply: FastifyReply): Exchange {
  const body = Buffer.isBuffer(request.body) ? request.body.toString() : '';
  return {
    request: request.raw,
    uid: (request.params as { uid: string }).uid,
    response: reply.raw,
    address: clientAddress(request),
    form: Object.fromEntries(new URLSearchParams(body)),
  };
}

function answer(reply: FastifyReply, step: Step): FastifyReply {
  if ('location' in step) return reply.redirect(step.location, 303);
  if (step.retryAfter !== undefined) void reply.header('retry-after', String(step.retryAfter));
  return reply
    .status(step.status)
    .headers({ 'content-type': HTML, 'content-security-policy': pagePolicy(step.returnTo) })
    .send(step.page);
}

/** A form may be sent to this service alone, whose answer takes the browser on to the app. */
function pagePolicy(returnTo: URL | null): string {
  const targets = ["'self'", ...(returnTo ? [returnTo.origin] : [])].join(' ');
  return `default-src 'none'; style-src 'self'; img-src data:; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`;
}
