import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { serve, type Server, stop } from './built.js';
import { eventually } from './eventually.js';
import { migrated, type TestDatabase, TEST_SECRET_KEY } from './test-app.js';

interface Line {
  level: string;
  msg: string;
  event?: string;
  request_id?: string;
  trace_id?: string;
  route?: string;
  status?: number;
  user_id?: string;
  [other: string]: unknown;
}

const PASSWORD = 'canary-password-1';
const EMAIL = 'canary@example.com';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let database: TestDatabase;
let server: Server;
beforeAll(async () => {
  database = await migrated('sqlite');
  const settings = { LOG_LEVEL: 'INFO', NODE_ENV: 'production', SECRET_KEY: TEST_SECRET_KEY, LLM_PROVIDER: 'offline' };
  server = await serve({ DATABASE_URL: database.url, HOST: '127.0.0.1', SHUTDOWN_DRAIN_MS: '0', ...settings });
});
afterAll(async () => {
  await stop(server);
  await database.drop();
});

const lines = () =>
  server
    .log()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

async function lineOf(id: string): Promise<Line> {
  const found = () => lines().filter((line) => line.msg === 'request' && line.request_id === id);
  await eventually(() => found().length, 1);
  return found()[0];
}

const send = (path: string, id: string, init: RequestInit = {}) =>
  server.fetch(path, {
    ...init,
    headers: { 'x-request-id': id, 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  });
const post = (path: string, id: string, body: object, headers = {}) =>
  send(path, id, { method: 'POST', body: JSON.stringify(body), headers });

it('is JSON from its first line to its last', () => {
  expect(lines().length).toBeGreaterThan(2);
  for (const line of lines()) expect([line.level, typeof line.time]).toEqual([expect.any(String), 'string']);
});

it('has one line for each request: whose, which route, what came of it, how long and how much', async () => {
  const registered = await post('/api/v1/auth/register', 'request-register', {
    email: EMAIL,
    username: 'canary',
    password: PASSWORD,
  });
  const { access_token, user } = (await registered.json()) as { access_token: string; user: { id: string } };
  const headers = { authorization: `Bearer ${access_token}`, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  const answer = await send('/api/v1/auth/me?', 'request-me', { headers });
  const body = await answer.text();
  const { level, time, duration_ms, ...line } = await lineOf('request-me');
  expect(line).toEqual({
    request_id: 'request-me',
    trace_id: TRACE,
    method: 'GET',
    route: '/api/v1/auth/me',
    status: 200,
    bytes: Buffer.byteLength(body),
    user_id: user.id,
    msg: 'request',
  });
  expect([level, typeof time, typeof duration_ms]).toEqual(['info', 'string', 'number']);
  expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
});

it('names the pattern of a route, and one name for all that no route answers', async () => {
  await send('/api/v1/chapters/some-chapter', 'request-chapter');
  expect(await lineOf('request-chapter')).toMatchObject({
    route: '/api/v1/chapters/:chapter_id',
    status: 404,
    error_code: 'CHAPTER_NOT_FOUND',
  });
  await send('/made/up', 'request-made-up');
  expect(await lineOf('request-made-up')).toMatchObject({ route: 'unknown', status: 404, error_code: 'NOT_FOUND' });
});

it('tells of a caller who hung up', async () => {
  const hangUp = new AbortController();
  const login = post('/api/v1/auth/login', 'request-hang-up', { login: EMAIL, password: PASSWORD });
  const aborted = send('/api/v1/auth/login', 'request-aborted', {
    method: 'POST',
    body: JSON.stringify({ login: EMAIL, password: PASSWORD }),
    signal: hangUp.signal,
  }).catch(() => null);
  await delay(50);
  hangUp.abort();
  expect(await aborted).toBeNull();
  expect(await lineOf('request-aborted')).toMatchObject({ status: 499, bytes: 0 });
  expect((await login).status).toBe(200);
});

it('tells of what is no HTTP at all', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end('CANARY / nonsense\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const [, id = ''] = /x-request-id: (\S+)/.exec(answer.toString()) ?? [];
  expect(await lineOf(id)).toMatchObject({
    method: 'unknown',
    route: 'unknown',
    status: 400,
    error_code: 'BAD_REQUEST',
  });
});

it('has events of its own for accounts, sessions and refused access', async () => {
  await post('/api/v1/auth/login', 'request-wrong', { login: EMAIL, password: 'canary-password-2' });
  await send('/api/v1/auth/me', 'request-refused');
  await lineOf('request-refused');
  const eventsOf = (id: string) =>
    lines().flatMap(({ event, request_id }) => (event && request_id === id ? event : []));
  expect(eventsOf('request-register')).toEqual(['auth.registered']);
  expect(eventsOf('request-hang-up')).toEqual(['auth.signed_in']);
  expect(eventsOf('request-wrong')).toEqual(['auth.sign_in_failed', 'access.refused']);
  expect(eventsOf('request-refused')).toEqual(['access.refused']);
});

it('holds no password, token, email, body or query', async () => {
  await send('/api/v1/search?q=canaryquery', 'request-search');
  await post('/api/v1/auth/password/reset', 'request-reset', { token: 'canary-token', new_password: PASSWORD });
  await post('/api/v1/auth/login', 'request-json', { login: 'canary-unknown@example.com', canary: 'canary-field' });
  await lineOf('request-json');
  expect(server.log()).not.toMatch(/canary|CANARY|@example\.com|Bearer|eyJ/);
});
