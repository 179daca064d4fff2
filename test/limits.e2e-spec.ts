import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Delete, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import type { Response } from 'light-my-request';
import { Public } from '../src/auth/access.js';
import { PasswordResets } from '../src/auth/password-resets.js';
import { AppError } from '../src/common/errors.js';
import { PageQuery } from '../src/common/page-query.dto.js';
import { Limit } from '../src/limits/limit.js';
import { LIMIT_NAMES } from '../src/limits/limits.js';
import { LimitsService } from '../src/limits/limits.service.js';
import { Redis } from '../src/redis/redis.js';
import { serve, type Server } from './built.js';
import { PASSWORD } from './make.js';
import { RedisProxy } from './redis-proxy.js';
import { HAS_REDIS, redisSettings, TestApp, type TestOptions } from './test-app.js';

@Controller('probe')
class ProbeController {
  @Post('submit')
  @HttpCode(200)
  @Limit('QUIZZES_SUBMIT')
  submit(@Query() query: PageQuery): object {
    if (query.offset > 0) throw new AppError('CHAPTER_NOT_FOUND', 'refused');
    return {};
  }

  @Put('reset')
  @Limit('STREAK_RESET')
  reset(): object {
    return {};
  }

  @Delete('failing')
  @Limit('PROGRESS_COMPLETE')
  failing(): never {
    throw new Error('inside');
  }

  @Get('read')
  @Public()
  @Limit('QUIZZES_READ')
  read(): object {
    return {};
  }
}

/** The figures of the contract instead of those of the tests. */
const CONTRACT = Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '']));
const running: TestApp[] = [];
const proxies: RedisProxy[] = [];

async function start(settings: NodeJS.ProcessEnv = {}, options: TestOptions = {}): Promise<TestApp> {
  const test = await TestApp.start('sqlite', {
    settings: { ...CONTRACT, TRUSTED_PROXIES: '127.0.0.1', ...settings },
    controllers: [ProbeController],
    ...options,
  });
  running.push(test);
  await test.make.course({ id: 'c' });
  return test;
}

/** Until then limits are counted in the process. */
async function untilUsable({ app }: TestApp): Promise<void> {
  const redis = app.get(Redis);
  for (const end = Date.now() + 6000; !redis.isUsable && Date.now() < end;) await delay(20);
  expect(redis.isUsable).toBe(true);
}

async function proxy(port?: number): Promise<RedisProxy> {
  const started = await RedisProxy.start(port);
  proxies.push(started);
  return started;
}

afterEach(async () => {
  for (const test of running.splice(0)) await test.stop();
  for (const item of proxies.splice(0)) await item.kill().catch(() => undefined);
});

const times = async (count: number, ask: () => Promise<Response>): Promise<Response[]> => {
  const answers: Response[] = [];
  for (let i = 0; i < count; i++) answers.push(await ask());
  return answers;
};
const statuses = (answers: Response[]) => answers.map(({ statusCode }) => statusCode);
const limitsOf = ({ headers }: Response) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]));
const from = (test: TestApp, address: string) => test.anonymous.header('x-forwarded-for', address);

describe.each(HAS_REDIS ? ['memory', 'Redis'] : ['memory'])('counted in %s', (store) => {
  const isRedis = store === 'Redis';

  async function startCounting(limits: NodeJS.ProcessEnv = {}): Promise<TestApp> {
    const test = await start({ ...(isRedis && redisSettings()), ...limits });
    if (isRedis) await untilUsable(test);
    return test;
  }

  it('tells what is left, and when more will be', async () => {
    const test = await startCounting();
    const [first, second] = await times(2, () => test.anonymous.get('courses/c'));
    const now = Date.now() / 1000;
    expect(limitsOf(first).slice(0, 2)).toEqual([100, 99]);
    expect(limitsOf(second).slice(0, 2)).toEqual([100, 98]);
    expect(limitsOf(second)[2]).toBeGreaterThan(now);
    expect(limitsOf(second)[2]).toBeLessThanOrEqual(now + 62);
  });

  it('refuses what is too much with a 429 that says when to come back', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '3/minute' });
    const answers = await times(5, () => test.anonymous.get('courses/c'));
    expect(statuses(answers)).toEqual([200, 200, 200, 429, 429]);
    const { headers, ...refused } = answers[4];
    expect(refused.statusCode).toBe(429);
    expect(answers[4].json()).toMatchObject({ error_code: 'RATE_LIMIT_EXCEEDED', request_id: headers['x-request-id'] });
    expect(Number(headers['retry-after'])).toBeGreaterThan(50);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(limitsOf(answers[4]).slice(0, 2)).toEqual([3, 0]);
    expect((await test.anonymous.get('chapters/c-1')).statusCode).toBe(200);
  });

  it('counts again when the window is over, which began with the first request', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '2/second' });
    expect(statuses(await times(3, () => test.anonymous.get('courses/c')))).toEqual([200, 200, 429]);
    await delay(1200);
    expect(statuses(await times(3, () => test.anonymous.get('courses/c')))).toEqual([200, 200, 429]);
  });

  it('lets exactly as many through as it says when all come at once', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '20/minute' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.anonymous.get('courses/c')));
    expect(statuses(answers).filter((status) => status === 200)).toHaveLength(20);
  });

  it('gives back what counts successes alone: refused, invalid and failed requests do not count', async () => {
    const test = await startCounting();
    const me = test.as(await test.make.learner());
    for (let i = 0; i < 15; i++) {
      expect((await me.post('probe/submit?offset=1')).statusCode).toBe(404);
      expect((await me.post('probe/submit?offset=x')).statusCode).toBe(422);
      expect((await me.post('probe/submit', { user_id: 'another' })).statusCode).toBe(403);
    }
    const answers = await times(12, () => me.post('probe/submit'));
    expect(statuses(answers)).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(limitsOf(answers[0]).slice(0, 2)).toEqual([10, 9]);
    expect(answers[11].json()).toMatchObject({ error_code: 'QUIZ_SUBMISSION_LIMIT_EXCEEDED' });
    const failing = await times(3, () => me.delete('probe/failing'));
    expect(failing.map((answer) => limitsOf(answer).slice(0, 2))).toEqual([
      [100, 100],
      [100, 100],
      [100, 100],
    ]);
  });

  it('counts each user for themselves, whatever their address', async () => {
    const test = await startCounting();
    const [one, other] = [test.as(await test.make.learner()), test.as(await test.make.learner())];
    expect(statuses(await times(2, () => one.put('probe/reset')))).toEqual([200, 429]);
    expect(statuses(await times(2, () => one.header('x-forwarded-for', '198.51.100.9').put('probe/reset')))).toEqual([
      429, 429,
    ]);
    expect((await other.put('probe/reset')).statusCode).toBe(200);
  });

  it('row 32: limits failed logins per account and address, and per account in all', async () => {
    const limits = { RATE_LIMIT_AUTH_LOGIN: '1000/minute', RATE_LIMIT_AUTH_LOGIN_ACCOUNT_TOTAL: '25/hour' };
    const test = await startCounting(limits);
    const user = await test.make.learner();
    const login = (address: string, password: string, name = user.email) =>
      from(test, address).post('auth/login', { login: name, password });
    const home = '203.0.113.1';
    expect((await login(home, PASSWORD)).statusCode).toBe(200);

    const attempts = await Promise.all(Array.from({ length: 15 }, () => login('198.51.100.1', 'wrong')));
    expect(statuses(attempts).filter((status) => status === 401)).toHaveLength(10);
    expect((await login('198.51.100.1', PASSWORD, user.email.toUpperCase())).statusCode).toBe(429);
    const other = await login('198.51.100.1', 'wrong', user.username);
    expect([other.statusCode, ...limitsOf(other).slice(0, 2)]).toEqual([401, 10, 9]);
    expect((await login('198.51.100.2', PASSWORD)).statusCode).toBe(200);

    const many = await Promise.all(Array.from({ length: 30 }, (_, i) => login(`198.51.100.${i + 10}`, 'wrong')));
    expect(statuses(many).filter((status) => status === 401)).toHaveLength(15);
    const locked = await login('198.51.100.99', PASSWORD);
    expect([locked.statusCode, Number(locked.headers['retry-after']) <= 3600]).toEqual([429, true]);
    expect((await login(home, PASSWORD)).statusCode).toBe(200);
  });

  it('row 32: lets the owner in who has been given a new password, whatever was tried before', async () => {
    const test = await startCounting({ RATE_LIMIT_AUTH_LOGIN_ACCOUNT_TOTAL: '3/hour' });
    const user = await test.make.learner();
    const login = (address: string, password: string) =>
      from(test, address).post('auth/login', { login: user.email, password });
    const attempts = [1, 2, 3, 4].map((i) => login(`198.51.100.${i}`, 'wrong'));
    expect(statuses(await Promise.all(attempts)).sort()).toEqual([401, 401, 401, 429]);
    const token = await test.app.get(PasswordResets).offer(user.id);
    await test.anonymous.post('auth/password/reset', { token, new_password: 'a new password' });
    expect((await login('198.51.100.9', 'a new password')).statusCode).toBe(200);
  });

  it('does not count a login as failed that was not even tried', async () => {
    const settings = { PASSWORD_HASH_CONCURRENCY: '1', BCRYPT_COST: '10', RATE_LIMIT_AUTH_LOGIN_ACCOUNT: '50/hour' };
    const test = await startCounting({ ...settings, RATE_LIMIT_AUTH_LOGIN: '1000/minute' });
    const user = await test.make.learner();
    const login = () => test.anonymous.post('auth/login', { login: user.email, password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 40 }, login));
    expect(new Set(statuses(answers))).toEqual(new Set([200, 503]));
    expect(answers.find(({ statusCode }) => statusCode === 503)?.headers['retry-after']).toBe('2');
    expect(limitsOf(await login()).slice(0, 2)).toEqual([50, 50]);
  });

  it('row 32: treats an account that does not exist in the same way', async () => {
    const test = await startCounting({ RATE_LIMIT_AUTH_LOGIN: '1000/minute' });
    const user = await test.make.learner();
    const tryOut = (login: string) => times(12, () => test.anonymous.post('auth/login', { login, password: 'wrong' }));
    const outcome = (answers: Response[]) =>
      answers.map((answer) => [answer.statusCode, ...limitsOf(answer).slice(0, 2)]);
    expect(outcome(await tryOut('nobody@example.com'))).toEqual(outcome(await tryOut(user.email)));
  });

  it('row 32: limits logins of one address, whoever is signed in there', async () => {
    const test = await startCounting();
    const user = await test.make.learner();
    const login = (index: number) => test.as(user).post('auth/login', { login: `nobody-${index}`, password: 'wrong' });
    const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => login(index)));
    expect(statuses(answers).filter((status) => status === 429)).toHaveLength(5);
  });
});

describe('an address', () => {
  it('row 34: is that of the connection, whatever X-Forwarded-For says', async () => {
    const test = await start({ TRUSTED_PROXIES: '', RATE_LIMIT_COURSES_READ: '3/minute' });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => from(test, `198.51.100.${i}`).get('courses/c')));
    expect(statuses(answers).sort()).toEqual([200, 200, 200, 429, 429]);
  });

  it('row 34: is the one that a trusted proxy tells, and not what the client told the proxy', async () => {
    const test = await start({ RATE_LIMIT_COURSES_READ: '1/minute' });
    const ask = (forwarded: string) => from(test, forwarded).get('courses/c');
    expect((await ask('198.51.100.1')).statusCode).toBe(200);
    expect((await ask('198.51.100.2')).statusCode).toBe(200);
    expect((await ask('192.0.2.77, 198.51.100.1')).statusCode).toBe(429);
    expect((await ask('nonsense')).statusCode).toBe(200);
    expect((await ask('more nonsense')).statusCode).toBe(429);
    expect((await ask('::ffff:198.51.100.2')).statusCode).toBe(429);
    expect((await ask('198.51.100.2:4711')).statusCode).toBe(429);
    expect((await ask('[2001:db8::1]:4711')).statusCode).toBe(200);
    expect((await ask('2001:db8::2')).statusCode).toBe(429);
  });

  it('of IPv6 is a whole /64', async () => {
    const test = await start({ RATE_LIMIT_COURSES_READ: '1/minute' });
    expect((await from(test, '2001:db8:0:1::1').get('courses/c')).statusCode).toBe(200);
    expect((await from(test, '2001:db8:0:1:ffff::2').get('courses/c')).statusCode).toBe(429);
    expect((await from(test, '2001:db8:0:2::1').get('courses/c')).statusCode).toBe(200);
  });

  it('that many learners share gets twenty times the figures', async () => {
    const settings = { SHARED_EGRESS: '192.0.2.0/24,2001:db8::/32', RATE_LIMIT_COURSES_READ: '1/minute' };
    const test = await start(settings);
    for (const address of ['192.0.2.5', '2001:db8::5']) {
      const answers = await times(21, () => from(test, address).get('courses/c'));
      expect(statuses(answers).filter((status) => status === 200)).toHaveLength(20);
      expect(limitsOf(answers[0]).slice(0, 2)).toEqual([20, 19]);
    }
    expect(statuses(await times(2, () => from(test, '192.0.3.5').get('courses/c')))).toEqual([200, 429]);
  });

  it('stands for the anonymous alone where a limit is per user', async () => {
    const test = await start({ RATE_LIMIT_QUIZZES_READ: '2/minute' });
    const me = test.as(await test.make.learner());
    expect(statuses(await times(3, () => test.anonymous.get('probe/read')))).toEqual([200, 200, 429]);
    expect(statuses(await times(3, () => me.get('probe/read')))).toEqual([200, 200, 429]);
  });

  it('is not charged with a bad token against the route, but against the flood', async () => {
    const test = await start({ RATE_LIMIT_COURSES_READ: '2/minute', RATE_LIMIT_FLOOD: '5/minute' });
    const bad = await times(3, () => test.with('nonsense').get('courses/c'));
    expect(bad.map((answer) => [answer.statusCode, ...limitsOf(answer).slice(0, 2)])).toEqual([
      [401, 5, 4],
      [401, 5, 3],
      [401, 5, 2],
    ]);
    const answers = await times(4, () => test.anonymous.get('courses/c'));
    expect(statuses(answers)).toEqual([200, 200, 429, 429]);
    expect(limitsOf(answers[0]).slice(0, 2)).toEqual([5, 1]);
  });

  it('cannot flood the server, signed in or not, and may always ask for its health', async () => {
    const test = await start({ RATE_LIMIT_FLOOD: '10/minute' });
    const [one, other] = [test.as(await test.make.learner()), test.as(await test.make.learner())];
    const asks = [() => one.get('auth/me'), () => other.get('auth/me'), () => test.get('/'), () => test.get('/docs')];
    for (let i = 0; i < 10; i++) expect((await asks[i % 4]()).statusCode).toBe(200);
    for (const ask of asks) {
      const answer = await ask();
      expect([answer.statusCode, answer.json<{ error_code: string }>().error_code]).toEqual([
        429,
        'RATE_LIMIT_EXCEEDED',
      ]);
    }
    for (const path of ['/health/live', '/health/ready', '/health']) {
      const { statusCode, headers } = await test.get(path);
      expect([statusCode, headers['x-ratelimit-limit']]).toEqual([200, undefined]);
    }
    expect((await test.get('/nowhere')).statusCode).toBe(404);
  });
});

(HAS_REDIS ? describe : describe.skip)('with Redis', () => {
  it('two processes count one limit', async () => {
    const test = await start();
    const settings = { DATABASE_URL: test.database.url, RATE_LIMIT_COURSES_READ: '10/minute', ...redisSettings() };
    const servers = await Promise.all([serve(settings), serve(settings)]);
    // A process that has not reached Redis yet counts for itself, as it should.
    const isConnected = async (server: Server) => {
      const health = (await (await server.fetch('/health/ready')).json()) as { details: { redis: { status: string } } };
      return health.details.redis.status === 'up';
    };
    try {
      for (const server of servers) while (!(await isConnected(server))) await delay(50);
      const ask = async (index: number) => (await servers[index % 2].fetch('/api/v1/courses/c')).status;
      const found = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)));
      expect(found.filter((status) => status === 200)).toHaveLength(10);
    } finally {
      for (const { child } of servers) child.kill('SIGKILL');
    }
  });

  async function behindProxy(): Promise<{ test: TestApp; way: RedisProxy }> {
    const way = await proxy();
    const settings = { ...redisSettings(), REDIS_URL: way.url, RATE_LIMIT_COURSES_READ: '30/minute' };
    const test = await start(settings);
    await untilUsable(test);
    return { test, way };
  }

  /** Nobody waits for long, nobody fails, and the limit holds in this process. */
  async function expectLimited(test: TestApp): Promise<void> {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const began = performance.now();
        const { statusCode } = await test.anonymous.get('courses/c');
        return { statusCode, took: performance.now() - began };
      }),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(30);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(10);
    expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(500);
  }

  it('row 15: which is killed, limits go on in memory, and in Redis when it is back', async () => {
    const { test, way } = await behindProxy();
    expect((await test.anonymous.get('courses/c')).statusCode).toBe(200);
    await way.kill();
    await expectLimited(test);
    await proxy(way.port);
    await untilUsable(test);
    expect(limitsOf(await test.anonymous.get('courses/c')).slice(0, 2)).toEqual([30, 28]);
  });

  it('row 15: which is frozen, limits go on in memory, and in Redis when it thaws', async () => {
    const { test, way } = await behindProxy();
    expect((await test.anonymous.get('courses/c')).statusCode).toBe(200);
    way.freeze();
    await expectLimited(test);
    expect(test.app.get(Redis).isUsable).toBe(false);
    expect((await test.anonymous.get('chapters/c-1')).statusCode).toBe(200);
    way.thaw();
    await untilUsable(test);
    expect(limitsOf(await test.anonymous.get('courses/c'))[1]).toBeLessThan(29);
  });

  it('which is killed, nothing is taken back in memory that was not counted there', async () => {
    const { test, way } = await behindProxy();
    const limits = test.app.get(LimitsService);
    const tracked = limits.key('COURSES_READ', 'somebody');
    const counted = await limits.count('COURSES_READ', tracked);
    await way.kill();
    await limits.giveBack(counted);
    expect((await limits.count('COURSES_READ', tracked)).used).toBe(1);
  });

  it('which has become slow, nobody waits long for it, and it is left alone', async () => {
    const { test, way } = await behindProxy();
    const redis = test.app.get(Redis);
    way.delayMs = 60;
    expect((await test.anonymous.get('courses/c')).statusCode).toBe(200);
    expect(redis.isUsable).toBe(false);
    way.delayMs = 0;
    await untilUsable(test);
  });

  it('which is away is shown as degraded, and does not make the server unready', async () => {
    const { test, way } = await behindProxy();
    const statusOf = async () => {
      const answer = await test.get('/health/ready');
      return [answer.statusCode, answer.json<{ details: { redis: { status: string } } }>().details.redis.status];
    };
    expect(await statusOf()).toEqual([200, 'up']);
    await way.kill();
    await test.anonymous.get('courses/c');
    expect(await statusOf()).toEqual([200, 'degraded']);
  });

  it('which is away at the start, the server starts and limits', async () => {
    const test = await start({ REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMIT_COURSES_READ: '30/minute' });
    await expectLimited(test);
  });
});
