import type { Response } from 'light-my-request';
import { Metrics } from '../src/metrics/metrics.js';
import { Changes } from '../src/database/changes.js';
import { codeOf } from './answers.js';
import { until } from './eventually.js';
import { TestApp } from './test-app.js';

const TEXT = 'Plain words, again and again. '.repeat(100);
const CHAPTER = 'chapters/c-1';
/** What no two answers have in common. */
const OF_ONE_REQUEST = ['x-request-id', 'traceparent', 'x-ratelimit-remaining', 'date'];

async function started(settings: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const test = await TestApp.start('sqlite', { settings });
  await until(() => test.app.get(Changes).isHeard);
  await test.make.course({ id: 'c', chapters: [{ content: TEXT }, { isPremium: true }] });
  return test;
}

function lasting({ headers }: Response): object {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ONE_REQUEST.includes(name)));
}

async function readsFromMemory(test: TestApp): Promise<number> {
  const { values } = await test.app.get(Metrics).cacheReads.get();
  return values.find(({ labels }) => labels.result === 'memory')?.value ?? 0;
}

describe('what is in memory', () => {
  let test: TestApp;
  beforeAll(async () => (test = await started()));
  afterAll(() => test.stop());

  it.each<Record<string, string>>([
    {},
    { 'accept-encoding': 'br' },
    { 'accept-encoding': 'gzip' },
    { 'if-none-match': '*' },
  ])('is sent with the same headers as when it was made, to a request with %j', async (headers) => {
    const made = await test.get(CHAPTER, headers);
    const before = await readsFromMemory(test);
    const known = await test.get(CHAPTER, headers);
    expect(await readsFromMemory(test)).toBe(before + 1);
    expect([known.statusCode, lasting(known)]).toEqual([made.statusCode, lasting(made)]);
    expect(known.rawPayload).toEqual(made.rawPayload);
    expect(known.headers['x-request-id']).not.toBe(made.headers['x-request-id']);
  });

  it('is measured as any other answer', async () => {
    await test.get(CHAPTER);
    const counted = async () => {
      const { values } = await test.app.get(Metrics).requestSeconds.get();
      const { route, status } = { route: '/api/v1/chapters/:chapter_id', status: '200' };
      return values.find(
        ({ metricName, labels }) =>
          metricName?.endsWith('_count') &&
          labels.route === route &&
          labels.status === status &&
          labels.method === 'GET',
      )?.value;
    };
    const before = (await counted()) ?? 0;
    await test.get(CHAPTER);
    expect(await counted()).toBe(before + 1);
  });

  it('is for the anonymous: a token that is none is refused all the same', async () => {
    await test.get(CHAPTER);
    expect(codeOf(await test.get(CHAPTER, { authorization: 'Bearer nonsense' }))).toEqual([401, 'INVALID_TOKEN']);
  });
});

describe('the limits', () => {
  it('count what is in memory: that of its route', async () => {
    const test = await started({ RATE_LIMIT_CHAPTERS_READ: '3/minute' });
    const answers = [
      await test.get(CHAPTER),
      await test.get(CHAPTER),
      await test.get(CHAPTER),
      await test.get(CHAPTER),
    ];
    expect(answers.map(({ statusCode, headers }) => [statusCode, headers['x-ratelimit-remaining']])).toEqual([
      [200, '2'],
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ]);
    expect(codeOf(answers[3])).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    await test.stop();
  });

  it('count what is in memory: that of every address', async () => {
    const test = await started({ RATE_LIMIT_FLOOD: '2/minute' });
    const answers = [await test.get(CHAPTER), await test.get(CHAPTER), await test.get(CHAPTER)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429]);
    await test.stop();
  });
});
