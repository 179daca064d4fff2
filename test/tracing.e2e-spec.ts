import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROJECT_ROOT } from '../src/common/project.js';
import { serve, stop } from './built.js';
import { ModelDouble } from './model-double.js';
import { DATABASE_KINDS, HAS_REDIS, redisSettings, TEST_SECRET_KEY, TestApp } from './test-app.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code: number };
}

interface Export {
  resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const UNRECORDED = 'a'.repeat(32);
const ANONYMOUS = 'b'.repeat(32);
const CALLER = '00f067aa0ba902b7';
const SERVER = 2;
const CLIENT = 3;

/** A collector on loopback that takes OTLP over HTTP. */
class Collector {
  readonly received: { path: string; authorization: string | undefined; body: Export }[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer();
    const collector = new Collector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Export;
        collector.received.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get spans(): Span[] {
    return this.received.flatMap(({ body }) =>
      body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('without a collector', () => {
  it("goes on with a caller's trace, and begins one where there is none", async () => {
    const test = await TestApp.start('sqlite');
    const answer = await test.get('courses', { traceparent: `00-${TRACE}-${CALLER}-01` });
    expect(answer.headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${CALLER})[0-9a-f]{16}-01$`));
    expect((await test.get('courses')).headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    const refused = await test.get(`/${'x'.repeat(9000)}`, { traceparent: `00-${TRACE}-${CALLER}-00` });
    expect([refused.statusCode, refused.headers.traceparent]).toEqual([414, expect.stringContaining(`00-${TRACE}-`)]);
    await test.stop();
  });

  it('loads nothing of it', () => {
    const script = `
      const { createApp } = require('./dist/src/app.js');
      const { Config } = require('./dist/src/config/config.js');
      const config = Config.from({ LOG_LEVEL: 'silent', SECRET_KEY: 'x'.repeat(40), DATABASE_URL: 'sqlite:/nowhere/x.db' });
      createApp(config).then(() => {
        const loaded = Object.keys(require.cache).filter((file) => /@opentelemetry.(sdk|exporter|otlp|resources)/.test(file));
        console.log(loaded.length);
        process.exit();
      });`;
    const printed = execFileSync(process.execPath, ['-e', script], { cwd: PROJECT_ROOT, encoding: 'utf8' });
    expect(printed.trim()).toBe('0');
  });
});

describe.each(DATABASE_KINDS)('with a collector, on %s', (kind) => {
  it('sends a span for the request, and within it for database, Redis and model', async () => {
    const collector = await Collector.start();
    const model = await ModelDouble.start();
    model.behave = () => ({ status: 400 });
    const test = await TestApp.start(kind);
    const { course } = await test.make.course();
    const authorization = test.tokenOf(await test.make.subscriber());
    // Built, as the exporter loads its transport in a way that jest does not know.
    const server = await serve({
      DATABASE_URL: test.database.url,
      SECRET_KEY: TEST_SECRET_KEY,
      SHUTDOWN_DRAIN_MS: '0',
      ...(HAS_REDIS && redisSettings()),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer of-the-collector',
      LLM_PROVIDER: 'openai',
      LLM_MODEL: 'a-model',
      LLM_BASE_URL: `${model.url}/v1`,
      LLM_API_KEY: 'key',
    });
    const ask = (path: string, flags: string, init: RequestInit = {}) =>
      server.fetch(`/api/v1/${path}`, {
        ...init,
        headers: {
          authorization,
          'content-type': 'application/json',
          traceparent: `00-${flags === '01' ? TRACE : UNRECORDED}-${CALLER}-${flags}`,
        },
      });
    await ask('courses', '00');
    const anonymous = { headers: { traceparent: `00-${ANONYMOUS}-${CALLER}-01` } };
    await server.fetch('/api/v1/courses', anonymous);
    await server.fetch('/api/v1/courses', anonymous);
    const answer = await ask('hybrid/adaptive-learning', '01', {
      method: 'POST',
      body: JSON.stringify({ course_id: course.id }),
    });
    expect(answer.status).toBe(503);
    await stop(server);
    await model.stop();
    await test.stop();
    collector.stop();

    expect(new Set(collector.received.map(({ path }) => path))).toEqual(new Set(['/v1/traces']));
    expect(collector.received[0].authorization).toBe('Bearer of-the-collector');
    expect(collector.spans.some(({ traceId }) => traceId === UNRECORDED)).toBe(false);
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
    const [request] = spans.filter(({ kind: role }) => role === SERVER);
    expect(request).toMatchObject({
      name: 'POST /api/v1/hybrid/adaptive-learning',
      parentSpanId: CALLER,
      status: { code: 2 },
    });
    expect(answer.headers.get('traceparent')).toBe(`00-${TRACE}-${request.spanId}-01`);
    expect(model.seen[0].headers.traceparent).toBe(`00-${TRACE}-${request.spanId}-01`);
    const children = spans.filter(({ kind: role }) => role === CLIENT);
    expect(children.every(({ parentSpanId }) => parentSpanId === request.spanId)).toBe(true);
    const names = children.map(({ name }) => name);
    const system = kind === 'postgres' ? 'postgresql' : 'sqlite';
    expect(names).toEqual(expect.arrayContaining([`select ${system}`, `insert ${system}`, 'chat a-model']));
    if (HAS_REDIS) {
      expect(names).toContain('redis count');
      const counted = collector.spans.filter(({ name, traceId }) => name === 'redis count' && traceId === ANONYMOUS);
      expect(counted).toHaveLength(4);
    }
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(Number(endTimeUnixNano)).toBeGreaterThanOrEqual(Number(startTimeUnixNano));
      expect(Math.abs(Number(startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(60_000);
    }
  });
});

it('goes on where the collector is away', async () => {
  const test = await TestApp.start('sqlite', { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } });
  expect((await test.get('courses')).statusCode).toBe(200);
  const began = performance.now();
  await test.stop();
  expect(performance.now() - began).toBeLessThan(5000);
});
