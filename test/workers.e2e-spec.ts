import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { outcomeOf, serve, type Server, start, stop } from './built.js';
import { eventually } from './eventually.js';
import { DATABASE_KINDS, HAS_REDIS, redisSettings, TEST_SECRET_KEY, TestApp } from './test-app.js';

// Starting three processes and replacing one takes long where other work is done at the same time.
jest.setTimeout(90_000);

const CAN_RUN = DATABASE_KINDS.includes('postgres') && HAS_REDIS;

it('several processes need PostgreSQL and Redis', async () => {
  const settings = { WORKERS: '2', DATABASE_URL: 'sqlite:/nowhere/x.db', SECRET_KEY: TEST_SECRET_KEY };
  const { code, stderr } = await outcomeOf(start('main.js', [], settings));
  expect(code).toBe(1);
  expect(stderr).toContain('WORKERS above 1 needs a PostgreSQL DATABASE_URL and REDIS_URL');
});

(CAN_RUN ? describe : describe.skip)('three processes on one machine', () => {
  let test: TestApp;
  let server: Server;
  beforeAll(async () => {
    test = await TestApp.start('postgres');
    await test.make.course({ id: 'c' });
    server = await serve(settings());
    await untilServing(3);
  });
  const settings = () => ({
    ...redisSettings(),
    WORKERS: '3',
    DATABASE_URL: test.database.url,
    SECRET_KEY: TEST_SECRET_KEY,
    SHUTDOWN_DRAIN_MS: '200',
    RATE_LIMIT_COURSES_READ: '50/minute',
    DATABASE_POOL_MAX: '3',
  });
  afterAll(() => test.stop());

  const listening = () => server.log().split('API ').length - 1;

  const untilServing = (workers: number) => eventually(listening, workers, 10_000);

  /** On a connection of its own, so that the workers take turns. */
  const get = (path: string, headers: Record<string, string> = {}) =>
    server.fetch(path, { headers: { connection: 'close', ...headers }, signal: AbortSignal.timeout(5000) });

  it('count limits together, exactly', async () => {
    const [authorization, another] = [await test.make.learner(), await test.make.learner()].map((user) =>
      test.tokenOf(user),
    );
    const ask = (token: string, times: number) =>
      Promise.all(
        Array.from({ length: times }, () =>
          get('/api/v1/courses/c', { authorization: token }).then(({ status }) => status),
        ),
      );
    // The first requests of a process are slow, and who waits too long for Redis counts by itself for a while.
    for (let time = 0; time < 9; time++) await ask(another, 3);
    await delay(3500);
    const answers: number[] = [];
    for (let time = 0; time < 12; time++) answers.push(...(await ask(authorization, 10)));
    expect(answers.filter((status) => status === 200)).toHaveLength(50);
    expect(answers.filter((status) => status === 429)).toHaveLength(70);
  });

  it('end with 1 where none of them comes to listen', async () => {
    const child = start('main.js', [], { ...settings(), PORT: new URL(server.url).port });
    const { code, stdout } = await outcomeOf(child);
    expect([code, stdout.includes('The workers end as soon as they begin')]).toEqual([1, true]);
    expect(stdout.split('A worker has ended: 1')).toHaveLength(6);
  });

  it('tell their metrics together', async () => {
    for (let i = 0; i < 30; i++) expect((await get('/health/live')).status).toBe(200);
    const text = await (await get('/metrics')).text();
    const live = 'http_request_duration_seconds_count{method="GET",route="/health/live",status="200"}';
    expect(Number(text.split(`${live} `)[1]?.split('\n')[0])).toBe(30);
  });

  it('put another in the place of one that dies, and forget nothing that it had counted', async () => {
    const { pid } = server.child;
    const counted = async () => {
      // A connection that node:cluster was handing to a worker as it died is never answered.
      const answer = await get('/metrics').catch(() => get('/metrics'));
      expect(answer.status).toBe(200);
      const live = /duration_seconds_count\{[^}]*route="\/health\/live"[^}]*\} (\d+)/.exec(await answer.text());
      return Number(live?.[1]);
    };
    const before = await counted();
    expect(before).toBeGreaterThanOrEqual(30);
    const [victim] = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    process.kill(Number(victim), 'SIGKILL');
    expect(await counted()).toBeGreaterThanOrEqual(before);
    await untilServing(4);
    expect(server.log()).toContain('A worker has ended: SIGKILL');
    for (let i = 0; i < 10; i++) expect((await get('/health/ready')).status).toBe(200);
    expect(await counted()).toBeGreaterThanOrEqual(before);
  });

  it('end together, with 0, when they are told to', async () => {
    expect(await stop(server)).toBe(0);
  });
});
