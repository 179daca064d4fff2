import { Controller, Get } from '@nestjs/common';
import { Public } from '../src/auth/access.js';
import { Limit } from '../src/limits/limit.js';
import { codeOf, statusesOf } from './answers.js';
import { from, limitsOf, startCounting, times } from './counted.js';

@Controller('probe')
class ProbeController {
  @Get('read')
  @Public()
  @Limit('QUIZZES_READ')
  read(): object {
    return {};
  }
}

describe('an address', () => {
  it('row 34: is that of the connection, whatever X-Forwarded-For says', async () => {
    const test = await startCounting({ TRUSTED_PROXIES: '', RATE_LIMIT_COURSES_READ: '3/minute' });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => from(test, `198.51.100.${i}`).get('courses/c')));
    expect(statusesOf(answers).sort()).toEqual([200, 200, 200, 429, 429]);
  });

  it('row 34: is the one that a trusted proxy tells, and not what the client told the proxy', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '1/minute' });
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
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '1/minute' });
    expect((await from(test, '2001:db8:0:1::1').get('courses/c')).statusCode).toBe(200);
    expect((await from(test, '2001:db8:0:1:ffff::2').get('courses/c')).statusCode).toBe(429);
    expect((await from(test, '2001:db8:0:2::1').get('courses/c')).statusCode).toBe(200);
  });

  it('that many learners share gets twenty times the figures', async () => {
    const settings = { SHARED_EGRESS: '192.0.2.0/24,2001:db8::/32', RATE_LIMIT_COURSES_READ: '1/minute' };
    const test = await startCounting(settings);
    for (const address of ['192.0.2.5', '2001:db8::5']) {
      const answers = await times(21, () => from(test, address).get('courses/c'));
      expect(statusesOf(answers).filter((status) => status === 200)).toHaveLength(20);
      expect(limitsOf(answers[0]).slice(0, 2)).toEqual([20, 19]);
    }
    expect(statusesOf(await times(2, () => from(test, '192.0.3.5').get('courses/c')))).toEqual([200, 429]);
  });

  it('stands for the anonymous alone where a limit is per user', async () => {
    const test = await startCounting({ RATE_LIMIT_QUIZZES_READ: '2/minute' }, { controllers: [ProbeController] });
    const me = test.as(await test.make.learner());
    expect(statusesOf(await times(3, () => test.anonymous.get('probe/read')))).toEqual([200, 200, 429]);
    expect(statusesOf(await times(3, () => me.get('probe/read')))).toEqual([200, 200, 429]);
  });

  it('is not charged with a bad token against the route, but against the flood', async () => {
    const test = await startCounting({ RATE_LIMIT_COURSES_READ: '2/minute', RATE_LIMIT_FLOOD: '5/minute' });
    const bad = await times(3, () => test.with('nonsense').get('courses/c'));
    expect(bad.map((answer) => [answer.statusCode, ...limitsOf(answer).slice(0, 2)])).toEqual([
      [401, 5, 4],
      [401, 5, 3],
      [401, 5, 2],
    ]);
    const answers = await times(4, () => test.anonymous.get('courses/c'));
    expect(statusesOf(answers)).toEqual([200, 200, 429, 429]);
    expect(limitsOf(answers[0]).slice(0, 2)).toEqual([5, 1]);
  });

  it('cannot flood the server, signed in or not, and may always ask for its health', async () => {
    const test = await startCounting({ RATE_LIMIT_FLOOD: '10/minute' });
    const [one, other] = [test.as(await test.make.learner()), test.as(await test.make.learner())];
    const asks = [() => one.get('auth/me'), () => other.get('auth/me'), () => test.get('/'), () => test.get('/docs')];
    for (let i = 0; i < 10; i++) expect((await asks[i % 4]()).statusCode).toBe(200);
    for (const ask of asks) {
      const answer = await ask();
      expect(codeOf(answer)).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    }
    for (const path of ['/health/live', '/health/ready', '/health']) {
      const { statusCode, headers } = await test.get(path);
      expect([statusCode, headers['x-ratelimit-limit']]).toEqual([200, undefined]);
    }
    expect((await test.get('/nowhere')).statusCode).toBe(404);
  });
});
