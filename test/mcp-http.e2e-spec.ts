import { request as httpRequest } from 'node:http';
import type { InjectOptions } from 'fastify';
import type { Response } from 'light-my-request';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { LlmCall } from '../src/hybrid/llm-call.entity.js';
import { grantedToken } from './app-tokens.js';
import { eventually, until } from './eventually.js';
import { ModelDouble } from './model-double.js';
import { TestApp } from './test-app.js';

const PUBLIC_URL = 'https://learn.example.org';
const METADATA = `${PUBLIC_URL}/.well-known/oauth-protected-resource`;
const ACCEPT = 'application/json, text/event-stream';
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Message {
  result?: { content: { text: string }[]; isError?: boolean };
  error?: { code: number; message: string };
  id: unknown;
}

const running: TestApp[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(running.splice(0).map((test) => test.stop()));
});

async function start(settings: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const test = await TestApp.start('sqlite', { settings: { PUBLIC_URL, ...settings } });
  running.push(test);
  await test.make.course({ id: 'sea', title: 'Harbours' });
  return test;
}

function post(
  test: TestApp,
  payload: InjectOptions['payload'],
  headers: Record<string, string> = {},
): Promise<Response> {
  const json = { 'content-type': 'application/json', accept: ACCEPT };
  return test.send({ method: 'POST', url: '/mcp', payload, headers: { ...json, ...headers } });
}

const message = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params });
const toolCall = (name: string, args: object = {}) => message('tools/call', { name, arguments: args });

async function call(
  test: TestApp,
  name: string,
  args: object = {},
  headers: Record<string, string> = {},
): Promise<string> {
  const answer = await post(test, toolCall(name, args), headers);
  expect(answer.statusCode).toBe(200);
  return answer.json<Message>().result?.content[0].text ?? answer.body;
}

const codeOf = (answer: Response) => [answer.statusCode, answer.json<Message>().error?.code, answer.json<Message>().id];

it('answers what is no message of the protocol as JSON-RPC has it, and never with a 500', async () => {
  const test = await start();
  const deep = (depth: number): object => (depth === 0 ? {} : { a: deep(depth - 1) });
  const cases: [InjectOptions['payload'], Record<string, string>, (number | null)[]][] = [
    ['{"jsonrpc"', {}, [400, -32700, null]],
    ['', {}, [400, -32700, null]],
    ['"text"', {}, [400, -32600, null]],
    ['5', {}, [400, -32600, null]],
    ['null', {}, [400, -32600, null]],
    ['{"jsonrpc":"2.0","id":7,"method":"ping","__proto__":{}}', {}, [400, -32700, null]],
    [Buffer.from([0x22, 0xff, 0x22]), {}, [400, -32700, null]],
    [[], {}, [400, -32600, null]],
    [[message('ping'), message('ping')], {}, [400, -32600, null]],
    [{ id: 7, method: 'ping' }, {}, [400, -32600, 7]],
    [{ ...message('ping'), id: null }, {}, [400, -32600, null]],
    [{ ...message('ping'), constructor: 1 }, {}, [400, -32600, 7]],
    [message('ping', deep(40)), {}, [400, -32602, 7]],
    [message('ping', { text: 'half \ud800' }), {}, [400, -32602, 7]],
    [message('initialize'), {}, [400, -32602, 7]],
    [message('tools/list', { cursor: 5 }), {}, [400, -32602, 7]],
    [message('prompts/list'), {}, [200, -32601, 7]],
    [message('tools/call', { name: 5 }), {}, [200, -32602, 7]],
    [message('tools/call', { name: 'get_quiz', arguments: 'all' }), {}, [200, -32602, 7]],
    [toolCall('toString'), {}, [200, -32602, 7]],
    [message('ping'), { 'content-type': 'text/plain' }, [415, -32000, null]],
    [message('ping'), { accept: 'text/html' }, [406, -32000, null]],
    [message('ping'), { 'mcp-protocol-version': '2026-07-28' }, [400, -32602, 7]],
    [message('tools/list', { _meta: ENVELOPE }), { 'mcp-protocol-version': '2026-07-28' }, [400, -32020, 7]],
    [
      message('initialize', { _meta: ENVELOPE }),
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'initialize' },
      [404, -32601, 7],
    ],
    [{ ...message('ping'), filler: 'x'.repeat(300_000) }, {}, [413, -32000, null]],
  ];
  for (const [payload, headers, expected] of cases) {
    const answer = await post(test, payload, headers);
    const sent = JSON.stringify(payload).slice(0, 80);
    expect([sent, ...codeOf(answer)]).toEqual([sent, ...expected]);
  }
});

it('keeps no sessions: what would open, follow or end one is a 405, and a notification needs no answer', async () => {
  const test = await start();
  for (const method of ['GET', 'DELETE', 'PUT'] as const) {
    const { statusCode, headers } = await test.send({ method, url: '/mcp', headers: { accept: 'text/event-stream' } });
    expect([method, statusCode, headers.allow]).toEqual([method, 405, 'POST']);
  }
  const hello = message('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'a', version: '1' },
  });
  const initialized = await post(test, hello);
  expect(initialized.json<{ result: object }>().result).toMatchObject({
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'course-companion' },
  });
  expect(initialized.headers).toMatchObject({ 'cache-control': 'private, no-store', 'x-ratelimit-limit': '1000000' });
  expect(initialized.headers['mcp-session-id']).toBeUndefined();
  const noted = await post(test, { jsonrpc: '2.0', method: 'notifications/initialized' });
  expect([noted.statusCode, noted.body]).toEqual([202, '']);
});

it('takes the hints that ChatGPT sends and does not count by them, as anyone could make them up', async () => {
  const test = await start({ RATE_LIMIT_SEARCH: '2/minute' });
  const texts: string[] = [];
  for (const subject of ['a', 'b', 'c']) {
    const hints = {
      'openai/subject': subject,
      'openai/locale': 'de-DE',
      'openai/userLocation': { timezone: 'Europe/Berlin' },
    };
    const answer = await post(
      test,
      message('tools/call', { name: 'search_course', arguments: { q: 'a' }, _meta: hints }),
    );
    texts.push(answer.json<Message>().result?.content[0].text ?? '');
  }
  expect(texts[2]).toMatch(/^This was asked too often\. Try again in \d+ seconds?\.$/);
  expect(texts[1]).not.toMatch(/too often/);
});

it('refuses a bad token, whatever is asked, and tells where to get a good one', async () => {
  const test = await start();
  for (const method of ['initialize', 'tools/list', 'tools/call', 'ping']) {
    const answer = await post(test, message(method), { authorization: 'Bearer nonsense' });
    expect(codeOf(answer)).toEqual([401, -32000, 7]);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="${METADATA}", scope="learn:read learn:write", error="invalid_token", error_description="The access token is not valid"`,
    );
  }
});

it('answers pages of the origins that may ask, and none that had its name pointed here', async () => {
  const test = await start({ CORS_ORIGINS: 'https://chatgpt.com' });
  const status = async (origin: string | undefined, host: string) =>
    (await post(test, message('ping'), { host, ...(origin && { origin }) })).statusCode;
  expect(await status(undefined, 'anything.example')).toBe(200);
  expect(await status('https://chatgpt.com', 'learn.example.org')).toBe(200);
  expect(await status(PUBLIC_URL, 'learn.example.org')).toBe(200);
  expect(await status('https://chatgpt.com', '127.0.0.1:8000')).toBe(200);
  expect(await status('https://chatgpt.com', 'rebound.example')).toBe(403);
  expect(await status('https://evil.example', 'learn.example.org')).toBe(403);
  expect(await status('null', 'learn.example.org')).toBe(403);
});

it('asks for the scope that an app has not been granted, and for those that it has', async () => {
  const test = await start();
  const token = await grantedToken(test, await test.make.learner(), ['learn:read']);
  const authorization = `Bearer ${token}`;
  const completion = toolCall('complete_chapter', { course_id: 'sea', chapter_id: 'sea-1' });
  const answer = await post(test, completion, { authorization });
  expect(answer.json<Message>().result).toMatchObject({
    isError: true,
    _meta: {
      'mcp/www_authenticate': [
        expect.stringContaining(`Bearer resource_metadata="${METADATA}", scope="learn:read learn:write"`),
      ],
    },
  });
  expect(await call(test, 'list_courses', {}, { authorization })).toMatch(/^\{/);
});

describe('limits', () => {
  it('a call counts once against the flood limit, however much it asks for', async () => {
    const test = await start({ RATE_LIMIT_FLOOD: '3/minute' });
    const user = await test.make.learner();
    await test.make.begun(user, 'sea', 'sea-1');
    const authorization = test.tokenOf(user);
    for (const left of [2, 1, 0]) {
      const answer = await post(test, toolCall('get_learning_state'), { authorization });
      expect([answer.statusCode, answer.headers['x-ratelimit-remaining']]).toEqual([200, String(left)]);
    }
    const refused = await post(test, toolCall('get_learning_state'), { authorization });
    expect(codeOf(refused)).toEqual([429, -32000, 7]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
  });

  it('are those of the API: counted together with it, by the address that a trusted proxy tells or by the user', async () => {
    const test = await start({ RATE_LIMIT_SEARCH: '2/minute', TRUSTED_PROXIES: '127.0.0.1' });
    const one = { 'x-forwarded-for': '198.51.100.1' };
    const search = (headers: Record<string, string>) => call(test, 'search_course', { q: 'quay' }, headers);
    await search(one);
    expect((await test.get('search?q=quay', one)).statusCode).toBe(200);
    expect(await search(one)).toMatch(/^This was asked too often/);
    expect((await test.get('search?q=quay', one)).statusCode).toBe(429);
    expect(await search({ 'x-forwarded-for': '198.51.100.2' })).not.toMatch(/too often/);
    const authorization = test.tokenOf(await test.make.learner());
    expect(await search({ ...one, authorization })).not.toMatch(/too often/);
  });
});

describe('too much to do', () => {
  let double: ModelDouble;
  beforeAll(async () => {
    double = await ModelDouble.start();
  });
  afterAll(() => double.stop());
  const model = () => ({
    LLM_PROVIDER: 'anthropic',
    LLM_MODEL: 'a-model',
    LLM_BASE_URL: double.url,
    LLM_API_KEY: 'a key',
    LLM_MAX_RETRIES: '0',
  });
  const MENTOR = { response: 'A quay.', teaching_points: ['a'], follow_up_questions: ['b'], related_concepts: ['c'] };

  it('ends the call of the model when the client hangs up', async () => {
    const test = await start(model());
    await test.app.listen(0, '127.0.0.1');
    double.behave = () => ({ slow: 5000, answer: MENTOR });
    double.seen.length = 0;
    const user = await test.make.subscriber();
    const sent = httpRequest(new URL('/mcp', await test.app.getUrl()), {
      method: 'POST',
      headers: { authorization: test.tokenOf(user), 'content-type': 'application/json', accept: ACCEPT },
    });
    sent.on('error', () => undefined);
    sent.end(JSON.stringify(toolCall('ask_mentor', { course_id: 'sea', question: 'What is a quay?' })));
    await until(() => double.seen.length > 0);
    sent.destroy();
    const calls = () => test.app.get(DatabaseConnection).reader.manager.findBy(LlmCall, { userId: user.id });
    await eventually(async () => (await calls())[0]?.state, 'unknown', 800);
  });

  it('what a call asks for takes the place of the call, so that as many are served as may be under way', async () => {
    const test = await start({ MAX_IN_FLIGHT: '5' });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post(test, toolCall('get_course_outline', { course_id: 'sea' }))),
    );
    const served = answers.filter(({ statusCode }) => statusCode === 200);
    expect([served.length, answers.filter(({ statusCode }) => statusCode === 503).length]).toEqual([5, 7]);
    for (const answer of served) expect(answer.json<Message>().result?.isError).toBeUndefined();
    expect(await call(test, 'get_course_outline', { course_id: 'sea' })).toMatch(/^\{/);
  });

  it('what waits for a model takes no place from what does not', async () => {
    const test = await start({ MAX_IN_FLIGHT: '2', ...model() });
    double.behave = () => ({ slow: 2000, answer: MENTOR });
    double.seen.length = 0;
    const authorization = test.tokenOf(await test.make.subscriber());
    const ask = () => call(test, 'ask_mentor', { course_id: 'sea', question: 'What is a quay?' }, { authorization });
    const slow = [ask(), ask()];
    await until(() => double.seen.length === slow.length);
    for (const found of await Promise.all([1, 2].map(() => call(test, 'list_courses')))) expect(found).toMatch(/^\{/);
    expect(await ask()).toBe('The service has no answer for now. Try again in 2 seconds.');
    for (const found of await Promise.all(slow)) expect(found).toMatch(/^\{/);
  });
});
