import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Post } from '@nestjs/common';
import { Open } from '../src/auth/access.js';
import { TestApp } from './test-app.js';

const WAIT_MS = 300;

@Open()
@Controller()
class SlowController {
  @Get('slow')
  async slow(): Promise<object> {
    await delay(WAIT_MS);
    return {};
  }

  @Post('hybrid/slow')
  async model(): Promise<object> {
    await delay(WAIT_MS);
    return {};
  }

  @Get('busy')
  busy(): object {
    for (const end = performance.now() + 40; performance.now() < end;);
    return {};
  }
}

let test: TestApp;
afterEach(() => test.stop());

async function start(settings: NodeJS.ProcessEnv): Promise<void> {
  test = await TestApp.start('sqlite', { settings, controllers: [SlowController] });
}

it('row 18: refuses what is more than it can have under way, and serves all the rest', async () => {
  await start({ MAX_IN_FLIGHT: '5' });
  const answers = await Promise.all(Array.from({ length: 12 }, () => test.get('slow')));
  const refused = answers.filter(({ statusCode }) => statusCode === 503);
  expect([answers.filter(({ statusCode }) => statusCode === 200).length, refused.length]).toEqual([5, 7]);
  for (const answer of refused) {
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json()).toMatchObject({
      error_code: 'SERVICE_UNAVAILABLE',
      request_id: expect.any(String) as string,
    });
  }
  expect((await test.get('slow')).statusCode).toBe(200);
  expect((await test.get('/metrics')).body).toContain('http_requests_shed_total{reason="in_flight"} 7');
});

it('lets probes, metrics and what waits for a model pass by what is slow', async () => {
  await start({ MAX_IN_FLIGHT: '2' });
  const slow = [test.get('slow'), test.get('slow')];
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    expect([path, (await test.get(path)).statusCode]).toEqual([path, 200]);
  }
  const model = Array.from({ length: 3 }, () => test.send({ method: 'POST', url: '/api/v1/hybrid/slow' }));
  expect((await Promise.all(model)).map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 503]);
  expect((await Promise.all(slow)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
});

it('row 18: refuses while requests have to wait too long for their turn, and not a moment longer than that', async () => {
  await start({ MAX_EVENT_LOOP_DELAY_MS: '100' });
  const asked: Promise<number>[] = [];
  for (let moment = 0; moment < 20; moment++) {
    for (let request = 0; request < 3; request++) asked.push(test.get('busy').then(({ statusCode }) => statusCode));
    await delay(10);
  }
  const live = await test.get('/health/live');
  expect(live.statusCode).toBe(200);
  const statuses = await Promise.all(asked);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect((await test.get('/metrics')).body).toMatch(/http_requests_shed_total\{reason="event_loop"\} \d/);
  expect((await test.get('busy')).statusCode).toBe(200);
});

it('answers a burst of requests that each take their time, one after the other', async () => {
  await start({ MAX_EVENT_LOOP_DELAY_MS: '100' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => test.get('busy')));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
});
