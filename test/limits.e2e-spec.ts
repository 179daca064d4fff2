import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Delete, HttpCode, Post, Put, Query } from '@nestjs/common';
import { AppError } from '../src/common/errors.js';
import { PageQuery } from '../src/common/page-query.dto.js';
import { Limit } from '../src/limits/limit.js';
import { statusesOf } from './answers.js';
import { limitsOf, onEachStore, times } from './counted.js';

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
}

onEachStore((start) => {
  const startCounting = (limits?: NodeJS.ProcessEnv) => start(limits, { controllers: [ProbeController] });

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
    expect(statusesOf(answers)).toEqual([200, 200, 200, 429, 429]);
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
    expect(statusesOf(await times(3, () => test.anonymous.get('courses/c')))).toEqual([200, 200, 429]);
    await delay(1200);
    expect(statusesOf(await times(3, () => test.anonymous.get('courses/c')))).toEqual([200, 200, 429]);
  });

  it('lets exactly as many through as it says when all come at once', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '20/minute' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.anonymous.get('courses/c')));
    expect(statusesOf(answers).filter((status) => status === 200)).toHaveLength(20);
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
    expect(statusesOf(answers)).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(limitsOf(answers[0]).slice(0, 2)).toEqual([10, 9]);
    expect(answers[11].json()).toMatchObject({ error_code: 'QUIZ_SUBMISSION_LIMIT_EXCEEDED' });
    const failing = await times(3, () => me.delete('probe/failing'));
    expect(failing.map((answer) => limitsOf(answer).slice(0, 2))).toEqual([
      [100, 100],
      [100, 100],
      [100, 100],
    ]);
  });

  it('begins a window with the first request that counts', async () => {
    const test = await startCounting({ RATE_LIMIT_QUIZZES_SUBMIT: '2/3second' });
    const me = test.as(await test.make.learner());
    expect((await me.post('probe/submit?offset=1')).statusCode).toBe(404);
    await delay(2000);
    expect(statusesOf(await times(2, () => me.post('probe/submit')))).toEqual([200, 200]);
    await delay(1500);
    expect((await me.post('probe/submit')).statusCode).toBe(429);
  });

  it('counts each user for themselves, whatever their address', async () => {
    const test = await startCounting();
    const [one, other] = [test.as(await test.make.learner()), test.as(await test.make.learner())];
    expect(statusesOf(await times(2, () => one.put('probe/reset')))).toEqual([200, 429]);
    expect(statusesOf(await times(2, () => one.header('x-forwarded-for', '198.51.100.9').put('probe/reset')))).toEqual([
      429, 429,
    ]);
    expect((await other.put('probe/reset')).statusCode).toBe(200);
  });
});
