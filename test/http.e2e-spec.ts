import { Controller, Get } from '@nestjs/common';
import { TestApp } from './test-app.js';
import { type ErrorAnswer, expectError, raw } from './wire.js';

@Controller('probe')
class ProbeController {
  @Get('private')
  private(): string {
    return 'never seen';
  }
}

let test: TestApp;
beforeAll(async () => {
  test = await TestApp.start('sqlite', { controllers: [ProbeController] });
  await test.make.course({ id: 'c', chapters: [{}, { isPremium: true }] });
  await test.app.listen(0, '127.0.0.1');
});
afterAll(() => test.stop());

describe('every answer', () => {
  it('carries a request id: the inbound one if it is well formed, else a new one', async () => {
    expect((await test.get('courses', { 'x-request-id': 'abc.DEF_1-2' })).headers['x-request-id']).toBe('abc.DEF_1-2');
    for (const bad of ['short', 'a'.repeat(65), 'with space in it', 'naïve-request']) {
      const answer = await test.get('courses', { 'x-request-id': bad });
      expect(answer.headers['x-request-id']).not.toBe(bad);
      expect(answer.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
    }
    const error = await test.get('chapters/nowhere', { 'x-request-id': 'my-own-id-1' });
    expect([error.headers['x-request-id'], error.json<ErrorAnswer>().request_id]).toEqual([
      'my-own-id-1',
      'my-own-id-1',
    ]);
  });

  it('carries the security headers, errors too', async () => {
    for (const path of [
      'courses',
      'nothing',
      '/',
      '/health/live',
      '/%ff',
      '/?x=%ff',
      'courses//',
      `/${'a'.repeat(8001)}`,
    ]) {
      const { headers } = await test.get(path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('leaves the security headers out of a 304, as its reader holds them with the text', async () => {
    const { etag } = (await test.get('chapters/c-1')).headers;
    for (const method of ['GET', 'HEAD'] as const) {
      const headers = { 'if-none-match': String(etag) };
      const held = await test.send({ method, url: '/api/v1/chapters/c-1', headers });
      expect(Object.keys(held.headers).sort()).toEqual([
        'access-control-allow-origin',
        'access-control-expose-headers',
        'cache-control',
        'connection',
        'date',
        'etag',
        'traceparent',
        'vary',
        'x-ratelimit-limit',
        'x-ratelimit-remaining',
        'x-ratelimit-reset',
        'x-request-id',
      ]);
    }
  });

  it('is the same with a slash at the end', async () => {
    for (const path of ['courses/', 'courses/c/', 'chapters/c-1/', '/health/live/']) {
      expect((await test.get(path)).statusCode).toBe(200);
    }
  });

  it('carries them where the request could not even be read, and to a preflight', async () => {
    for (const answer of [
      await raw(test, 'nonsense\r\n\r\n'),
      await raw(test, 'OPTIONS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    ]) {
      expect(answer.head.toLowerCase()).toMatch(/x-request-id: \S{8,}/);
      expect(answer.head.toLowerCase()).toContain('x-content-type-options: nosniff');
    }
  });

  it('links by path, in whatever form the target came', async () => {
    const answer = await raw(
      test,
      'GET http://evil.example/api/v1/courses?limit=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.head).not.toContain('evil');
  });

  it('is there for HEAD, without a body', async () => {
    const answer = await test.send({ method: 'HEAD', url: '/api/v1/chapters/c-1' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    const { etag } = (await test.get('chapters/c-1')).headers;
    expect(answer.headers.etag).toBe(etag);
    const held = await test.send({
      method: 'HEAD',
      url: '/api/v1/chapters/c-1',
      headers: { 'if-none-match': String(etag) },
    });
    expect(held.statusCode).toBe(304);
  });
});

describe('who asks', () => {
  it('is anonymous without a token, and a route that is not public stays closed', async () => {
    expectError(await test.get('probe/private'), 401, 'USER_NOT_AUTHENTICATED');
  });

  it('is refused with a bad token on a public route too, before the input is looked at', async () => {
    for (const path of ['courses', 'chapters/c-1', 'courses?limit=0', 'chapters/%20']) {
      const answer = await test.get(path, { authorization: 'Bearer nonsense' });
      expectError(answer, 401, 'INVALID_TOKEN');
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it('does not matter on the root routes', async () => {
    for (const path of ['/', '/health/live', '/health/ready', '/openapi.json']) {
      expect((await test.get(path, { authorization: 'Bearer nonsense' })).statusCode).toBe(200);
    }
  });
});
