import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { createHttpServer } from './common/http-server.js';
import { createLogger, NestLogger } from './common/logger.js';
import { negotiateRepresentations } from './common/representation.js';
import type { Config } from './config/config.js';
import { serveDocs } from './docs/docs.js';
import { Shutdown } from './health/shutdown.js';
import { limitRequests } from './limits/limit-hooks.js';
import { LimitsService } from './limits/limits.service.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'X-Total-Count',
  'Link',
  'ETag',
  'Retry-After',
  'WWW-Authenticate',
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
  const adapter = createHttpServer(logger, config.trustedProxies);
  const app = await NestFactory.create<NestFastifyApplication>(withModules(config, modules), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const server = app.getHttpAdapter().getInstance();
  app.setGlobalPrefix('api/v1', { exclude: ['/', 'health', 'health/*path'] });
  app.enableCors({
    origin: corsOrigin(config.corsOrigins),
    methods: METHODS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
    strictPreflight: false,
  });
  limitRequests(server, app.get(LimitsService));
  negotiateRepresentations(server);
  app.get(Shutdown).attach(server);
  if (config.docsEnabled) serveDocs(app);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}

function withModules(config: Config, modules: NonNullable<DynamicModule['imports']>): DynamicModule {
  const root = AppModule.with(config);
  return { ...root, imports: [...(root.imports ?? []), ...modules] };
}

function corsOrigin(origins: string[]): string | string[] | false {
  if (origins.includes('*')) return '*';
  return origins.length > 0 ? origins : false;
}
