import { LimitsService } from '../src/limits/limits.service.js';
import { Redis } from '../src/redis/redis.js';
import { serve, type Server } from './built.js';
import { limitsOf, startCounting, untilUsable } from './counted.js';
import { until } from './eventually.js';
import { REDIS_URL } from './services.js';
import { TcpProxy } from './tcp-proxy.js';
import { HAS_REDIS, redisSettings, type TestApp } from './test-app.js';

const proxies: TcpProxy[] = [];

async function proxy(port?: number): Promise<TcpProxy> {
  const started = await TcpProxy.start(REDIS_URL, port);
  proxies.push(started);
  return started;
}

afterEach(async () => {
  for (const item of proxies.splice(0)) await item.kill().catch(() => undefined);
});

(HAS_REDIS ? describe : describe.skip)('with Redis', () => {
  it('two processes count one limit', async () => {
    const test = await startCounting();
    const settings = { DATABASE_URL: test.database.url, RATE_LIMIT_COURSES_READ: '10/minute', ...redisSettings() };
    const servers = await Promise.all([serve(settings), serve(settings)]);
    // A process that has not reached Redis yet counts for itself, as it should.
    const isConnected = async (server: Server) => {
      const health = (await (await server.fetch('/health/ready')).json()) as { details: { redis: { status: string } } };
      return health.details.redis.status === 'up';
    };
    try {
      for (const server of servers) await until(() => isConnected(server));
      const ask = async (index: number) => (await servers[index % 2].fetch('/api/v1/courses/c')).status;
      const found = await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)));
      expect(found.filter((status) => status === 200)).toHaveLength(10);
    } finally {
      for (const { child } of servers) child.kill('SIGKILL');
    }
  });

  async function behindProxy(): Promise<{ test: TestApp; way: TcpProxy }> {
    const way = await proxy();
    const settings = { ...redisSettings(), REDIS_URL: way.url, RATE_LIMIT_COURSES_READ: '30/minute' };
    const test = await startCounting(settings);
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
    await limits.refund(counted);
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
    const test = await startCounting({ REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMIT_COURSES_READ: '30/minute' });
    await expectLimited(test);
  });
});
