import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { PROJECT_ROOT } from '../common/project.js';
import { buildOpenApi } from './openapi.js';

/** Neither page loads anything from elsewhere. Both style their elements in place; ReDoc searches in a worker. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SWAGGER_UI = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Course Companion API</title>
  <link rel="icon" href="/docs/assets/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="/docs/assets/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;
const SWAGGER_UI_START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;
const REDOC = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Course Companion API</title>
  <link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
  <div id="redoc"></div>
  <script src="/redoc/redoc.js"></script>
  <script src="/redoc/start.js"></script>
</body>
</html>
`;
const REDOC_START = `Redoc.init('/openapi.json', { hideDownloadButtons: false }, document.getElementById('redoc'));
`;
/** Copied there by the build. */
const REDOC_BUNDLE = join(PROJECT_ROOT, 'dist', 'redoc.standalone.js');
/** The one thing that ReDoc would load from elsewhere. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Serves the OpenAPI document, Swagger UI and ReDoc, all from this process. */
export async function serveDocs(app: NestFastifyApplication): Promise<void> {
  let document: string | undefined;
  const root = app.getHttpAdapter().getInstance();
  await root.register(async (server) => {
    server.addHook('onSend', (_request, reply, payload, done) => {
      void reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('cache-control', 'no-cache');
      done(null, payload);
    });
    const serve = (url: string, type: string, body: () => string | Buffer) =>
      server.get(url, (_request, reply: FastifyReply) => reply.type(`${type}; charset=utf-8`).send(body()));

    serve('/openapi.json', 'application/json', () => (document ??= JSON.stringify(buildOpenApi(app), null, 2)));
    serve('/docs', 'text/html', () => SWAGGER_UI);
    serve('/docs/start.js', 'text/javascript', () => SWAGGER_UI_START);
    serve('/redoc', 'text/html', () => REDOC);
    serve('/redoc/start.js', 'text/javascript', () => REDOC_START);
    serve('/redoc/redoc.js', 'text/javascript', () =>
      readFileSync(REDOC_BUNDLE, 'utf8').replaceAll(REDOC_LOGO, 'data:,'),
    );
    await server.register(fastifyStatic, {
      root: dirname(require.resolve('swagger-ui-dist/package.json')),
      prefix: '/docs/assets/',
      index: false,
      wildcard: false,
      globIgnore: ['**/*.map', '*.json', '*.md', 'index*', 'swagger-initializer.js'],
    });
  });
}
