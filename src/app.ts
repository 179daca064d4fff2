import fastifyCors from '@fastify/cors';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { addCommonHeaders } from './common/common-headers.js';
import { createHttpServer } from './common/http-server.js';
import { createLogger, NestLogger } from './common/logger.js';
import { servePages } from './common/pagination.js';
import { negotiateRepresentations } from './common/representation.js';
import { enterContext } from './common/request-context.js';
import { requestLog } from './common/request-log.js';
import { RequestWatch } from './common/request-watch.js';
import type { Config } from './config/config.js';
import { KnownAnswers } from './content-cache/known-answers.js';
import { serveDocs } from './docs/docs.js';
import { Shutdown } from './health/shutdown.js';
import { limitRequests } from './limits/limit-hooks.js';
import { LimitsService } from './limits/limits.service.js';
import { shedLoad } from './limits/overload.js';
import { McpService } from './mcp/mcp.service.js';
import { Metrics } from './metrics/metrics.js';
import { measureRequests } from './metrics/request-metrics.js';
import { Scrape } from './metrics/scrape.js';
import { serveOAuth } from './oauth/oauth-routes.js';
import { traceRequests } from './tracing/request-spans.js';
import { Tracer } from './tracing/tracer.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'X-Total-Count',
  'Link',
  'ETag',
  'Retry-After',
  'WWW-Authenticate',
  'traceparent',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
];

/**
 * The whole application, ready to listen or to be injected with requests.
 * @param modules more modules to mount beside the domains
 */
export async function createApp(
  config: Config,
  modules: DynamicModule['imports'] = [],
): Promise<NestFastifyApplication> {
  const logger = createLogger(config);
  const watch = new RequestWatch();
  watch.onEnd(requestLog(logger));
  const adapter = createHttpServer(logger, config, watch);
  const app = await NestFactory.create<NestFastifyApplication>(withModules(config, modules), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const server = app.getHttpAdapter().getInstance();
  app.setGlobalPrefix('api/v1', { exclude: ['/', 'health', 'health/*path', 'metrics', 'mcp'] });
  const { corsOrigins } = config;
  if (corsOrigins.length > 0) {
    // Past Nest, which answers preflights before anything else knows of them.
    await server.register(fastifyCors, {
      origin: corsOrigins.includes('*') ? '*' : corsOrigins,
      methods: METHODS,
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: 600,
      strictPreflight: false,
    });
  }
  app.get(Scrape).start();
  measureRequests(watch, app.get(Metrics));
  await app.get(Tracer).start();
  traceRequests(watch, app.get(Tracer));
  shedLoad(server, config, app.get(Metrics));
  app.get(Shutdown).attach(server);
  app.get(KnownAnswers).attach(server);
  enterContext(server);
  limitRequests(server, app.get(LimitsService));
  servePages(server);
  negotiateRepresentations(server);
  addCommonHeaders(server);
  serveOAuth(app);
  if (config.docsEnabled) serveDocs(app);
  app.get(McpService).attach(app);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}

function withModules(config: Config, modules: NonNullable<DynamicModule['imports']>): DynamicModule {
  const root = AppModule.with(config);
  return { ...root, imports: [...(root.imports ?? []), ...modules] };
}
