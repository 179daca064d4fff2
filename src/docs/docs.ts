import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { JSON_TYPE } from '../common/media-types.js';
import { PROJECT_ROOT } from '../common/project.js';
import { Config } from '../config/config.js';
import { buildChatGptOpenApi } from './chatgpt-openapi.js';
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

const HTML = 'text/html; charset=utf-8';
const JAVASCRIPT = 'text/javascript; charset=utf-8';

const SWAGGER_UI = page(
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">',
  '/docs/assets/swagger-ui-bundle.js',
  '/docs/start.js',
);
const SWAGGER_UI_START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });
`;
const REDOC = page('', '/redoc/redoc.js', '/redoc/start.js');
const REDOC_START = `Redoc.init('/openapi.json', {}, document.getElementById('page'));
`;
/** Copied there by the build. */
const REDOC_BUNDLE = join(PROJECT_ROOT, 'dist', 'redoc.standalone.js');
/** The one thing that ReDoc would load from elsewhere. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Serves the OpenAPI document, Swagger UI and ReDoc, all from this process. */
export function serveDocs(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  const serve = (url: string, type: string, read: () => string | Buffer) => {
    let body: string | Buffer | undefined;
    server.get(url, (_request, reply) =>
      reply
        .type(type)
        .headers({ 'content-security-policy': CONTENT_SECURITY_POLICY, 'cache-control': 'no-cache' })
        .send((body ??= read())),
    );
  };
  const swaggerUi = dirname(require.resolve('swagger-ui-dist/package.json'));
  const asset = (name: string, type: string) =>
    serve(`/docs/assets/${name}`, type, () => readFileSync(join(swaggerUi, name)));

  const { publicUrl } = app.get(Config);
  serve('/openapi.json', JSON_TYPE, () => JSON.stringify(buildOpenApi(app), null, 2));
  serve('/openapi.chatgpt.json', JSON_TYPE, () =>
    JSON.stringify(buildChatGptOpenApi(buildOpenApi(app), publicUrl), null, 2),
  );
  serve('/docs', HTML, () => SWAGGER_UI);
  serve('/docs/start.js', JAVASCRIPT, () => SWAGGER_UI_START);
  asset('swagger-ui-bundle.js', JAVASCRIPT);
  asset('swagger-ui.css', 'text/css; charset=utf-8');
  asset('favicon-32x32.png', 'image/png');
  serve('/redoc', HTML, () => REDOC);
  serve('/redoc/start.js', JAVASCRIPT, () => REDOC_START);
  serve('/redoc/redoc.js', JAVASCRIPT, () => readFileSync(REDOC_BUNDLE, 'utf8').replaceAll(REDOC_LOGO, 'data:,'));
}

function page(head: string, ...scripts: string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Course Companion API</title>
  <link rel="icon" href="/docs/assets/favicon-32x32.png">
  ${head}
</head>
<body>
  <div id="page"></div>
  ${scripts.map((script) => `<script src="${script}"></script>`).join('\n  ')}
</body>
</html>
`;
}
