import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';
import { cli, serve, type Server } from './built.js';
import { chatGptDocument, PUBLIC_URL } from './chatgpt.js';
import { migrated } from './test-app.js';

const COMMITTED = join(PROJECT_ROOT, 'openapi.json');
const running: Server[] = [];

async function started(settings: NodeJS.ProcessEnv): Promise<Server> {
  const server = await serve(settings);
  running.push(server);
  return server;
}

afterEach(() => running.splice(0).forEach(({ child }) => child.kill('SIGKILL')));

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  responses: Record<string, { content?: Record<string, { schema?: object; examples?: object }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { type: string; properties?: object; enum?: string[] }> };
}

const committed = async () => JSON.parse(await readFile(COMMITTED, 'utf8')) as Document;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'course-companion-openapi-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('the committed document is what the built application says of itself', async () => {
  const generated = join(folder, 'openapi.json');
  const outcome = await cli(['openapi', generated], { DATABASE_URL: `sqlite:${join(folder, 'unused.db')}` });
  expect([outcome.code, outcome.stderr]).toEqual([0, '']);
  expect(await readFile(generated, 'utf8')).toBe(await readFile(COMMITTED, 'utf8'));
});

it('every operation has a name, a summary that a model can choose by, typed answers and typed errors with examples', async () => {
  const { openapi, paths, components } = await committed();
  expect(openapi).toBe('3.1.0');
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ at: `${method} ${path}`, ...operation })),
  );
  expect(operations.length).toBeGreaterThanOrEqual(10);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { at, operationId, summary, description, tags, responses } of operations) {
    expect({ at, operationId, tags }).toEqual({
      at,
      operationId: expect.any(String) as string,
      tags: [expect.any(String)],
    });
    for (const text of [summary, description]) {
      expect(text?.length).toBeGreaterThan(20);
      expect(text?.length).toBeLessThanOrEqual(300);
    }
    for (const [status, { content }] of Object.entries(responses)) {
      if (status === '304' || status === '204') continue;
      const [form] = Object.values(content ?? {});
      expect({ at, status, schema: form?.schema }).toMatchObject({ schema: expect.any(Object) as object });
      if (status.startsWith('4')) expect(content?.['application/json'].examples).toBeDefined();
    }
  }
  for (const { properties, enum: values } of Object.values(components.schemas)) {
    expect(Object.keys(values ?? properties ?? {}).length).toBeGreaterThan(0);
  }
});

it('what a client tells apart has a name: error codes, plans, what they open, and types of questions', async () => {
  const schemas = Object.entries((await committed()).components.schemas);
  const named = schemas.filter(([, { type }]) => type === 'string').map(([name]) => name);
  expect(named.sort()).toEqual(['ErrorCode', 'Feature', 'PlanType', 'QuestionType']);
});

describe('the documentation', () => {
  it('is served by this process and names no other host, and can be switched off', async () => {
    const database = await migrated('sqlite');
    const server = await started({ DATABASE_URL: database.url, PUBLIC_URL });
    const texts = await Promise.all(
      ['/docs', '/docs/start.js', '/redoc', '/redoc/start.js'].map(async (path) => {
        const answer = await server.fetch(path);
        expect([path, answer.status]).toEqual([path, 200]);
        expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
        return answer.text();
      }),
    );
    const html = texts.join('\n');
    expect(html).not.toMatch(/https?:\/\//);
    for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const answer = await server.fetch(asset);
      expect([asset, answer.status]).toEqual([asset, 200]);
      expect(answer.headers.get('etag')).toMatch(/^"/);
      const { byteLength } = await answer.arrayBuffer();
      expect(byteLength).toBeGreaterThan(50);
      if (byteLength > 1024 && !asset.endsWith('.png')) expect(answer.headers.get('content-encoding')).not.toBeNull();
    }
    expect(await (await server.fetch('/openapi.json')).json()).toEqual(await committed());
    expect(await (await server.fetch('/openapi.chatgpt.json')).json()).toEqual(await chatGptDocument());

    const silent = await started({ DATABASE_URL: database.url, DOCS_ENABLED: 'false' });
    for (const path of ['/docs', '/redoc', '/openapi.json', '/openapi.chatgpt.json', '/docs/assets/swagger-ui.css']) {
      expect((await silent.fetch(path)).status).toBe(404);
    }
    expect(await (await silent.fetch('/')).json()).toMatchObject({ links: { api: '/api/v1', health: '/health' } });
    await database.drop();
  });
});
