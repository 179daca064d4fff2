import type { Response } from 'light-my-request';
import { LIMIT_NAMES } from '../src/limits/limits.js';
import { Redis } from '../src/redis/redis.js';
import { until } from './eventually.js';
import { type Client, HAS_REDIS, redisSettings, TestApp, type TestOptions } from './test-app.js';

/** The figures of the contract instead of those of the tests. */
const CONTRACT = Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '']));

const running: TestApp[] = [];

/** An application that counts, behind a proxy that tells addresses, with a course; it stops after the test. */
export async function startCounting(settings: NodeJS.ProcessEnv = {}, options: TestOptions = {}): Promise<TestApp> {
  const test = await TestApp.start('sqlite', {
    settings: { ...CONTRACT, TRUSTED_PROXIES: '127.0.0.1', ...settings },
    ...options,
  });
  running.push(test);
  await test.make.course({ id: 'c' });
  return test;
}

afterEach(async () => {
  for (const test of running.splice(0)) await test.stop();
});

type Start = typeof startCounting;

/** Declares tests once and runs them on every store that there is. */
export function onEachStore(tests: (start: Start) => void): void {
  describe.each(HAS_REDIS ? ['memory', 'Redis'] : ['memory'])('counted in %s', (store) => {
    tests(async (settings, options) => {
      const isRedis = store === 'Redis';
      const test = await startCounting({ ...(isRedis && redisSettings()), ...settings }, options);
      if (isRedis) await untilUsable(test);
      return test;
    });
  });
}

/** Until then limits are counted in the process. */
export async function untilUsable({ app }: TestApp): Promise<void> {
  const redis = app.get(Redis);
  await until(() => redis.isUsable);
}

export async function times(count: number, ask: () => Promise<Response>): Promise<Response[]> {
  const answers: Response[] = [];
  for (let i = 0; i < count; i++) answers.push(await ask());
  return answers;
}

/** The limit, what is left of it, and when there will be more. */
export function limitsOf({ headers }: Response): number[] {
  return ['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]));
}

/** Asks from an address, as the proxy tells. */
export function from(test: TestApp, address: string): Client {
  return test.anonymous.header('x-forwarded-for', address);
}
