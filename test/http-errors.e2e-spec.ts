import { gzipSync } from 'node:zlib';
import { Body, Controller, Get, InternalServerErrorException, Param, Post } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { Public } from '../src/auth/access.js';
import { fieldsOf } from './answers.js';
import { TestApp } from './test-app.js';
import { expectError, raw } from './wire.js';

class ProbeBody {
  @IsOptional()
  @IsString()
  text?: string;
}

@Controller('probe')
class ProbeController {
  @Post()
  @Public()
  echo(@Body() body: ProbeBody): ProbeBody {
    return body;
  }

  @Post('nothing')
  @Public()
  nothing(): object {
    return {};
  }

  @Get('fails/:as')
  @Public()
  fails(@Param('as') as: string): never {
    throw as === 'http' ? new InternalServerErrorException('the secret reason') : new Error('the secret reason');
  }
}

let test: TestApp;
beforeAll(async () => {
  test = await TestApp.start('sqlite', { controllers: [ProbeController] });
  await test.make.course({ id: 'c', chapters: [{}, { isPremium: true }] });
  await test.app.listen(0, '127.0.0.1');
});
afterAll(() => test.stop());

const post = (payload: string, headers: Record<string, string> = {}) =>
  test.send({
    method: 'POST',
    url: '/api/v1/probe',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });

describe('errors of the HTTP server', () => {
  it('are in the one shape for an unknown route', async () => {
    for (const url of ['/api/v1/nothing', '/nothing', '/api/v1', '/api/v1/courses/c/nothing']) {
      expectError(await test.get(url), 404, 'NOT_FOUND');
    }
  });

  it('name the allowed methods for a known URL, also for methods that no route has', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST', 'PROPFIND', 'TRACE'] as const) {
      const answer = await test.send({ method: method, url: '/api/v1/courses/c' });
      expectError(answer, 405, 'METHOD_NOT_ALLOWED');
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    expect((await test.send({ method: 'GET', url: '/api/v1/probe' })).headers.allow).toBe('POST');
  });

  it.each([
    '/api/v1/courses/%ff',
    '/api/v1/courses?limit=%ff',
    '/%',
    '/api/v1/courses?limit=%zz',
    '/api/v1/courses/%ED%A0%80',
  ])('row 37: are a 400 for %s, which cannot be decoded', async (url) => {
    expectError(await test.get(url), 400, 'BAD_REQUEST');
  });

  it('are a 414 for a URL of more than 8,000 characters', async () => {
    expectError(await test.get(`/api/v1/courses?limit=${'1'.repeat(8001)}`), 414, 'URI_TOO_LONG');
    const long = await raw(test, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expectError(long, 414, 'URI_TOO_LONG');
  });

  it('row 37: are a 414 for one long id too', async () => {
    expectError(await test.get(`/api/v1/courses/${'a'.repeat(8100)}`), 414, 'URI_TOO_LONG');
  });

  it('are a 404 where an id is empty, or the target is no path', async () => {
    for (const url of ['/api/v1/courses//', '/api/v1/courses//chapters', '/api/v1/chapters//next']) {
      expectError(await test.get(url), 404, 'NOT_FOUND');
    }
    const star = await raw(test, 'GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(star.statusCode).toBe(404);
    expect(star.head).toContain('x-request-id');
  });

  it('repeat no more of the request than helps', async () => {
    expect((await test.get(`/api/v1/x/${'a'.repeat(7000)}`)).body.length).toBeLessThan(400);
    const many = Array.from({ length: 900 }, (_, index) => `a${index}=1`).join('&');
    const answer = await test.get(`courses?${many}`);
    expect(expectError(answer, 422, 'VALIDATION_ERROR').errors).toHaveLength(20);
  });

  it('are a 431 for headers of more than 16 KiB, however large', async () => {
    for (const size of [17_000, 200_000]) {
      const answer = await raw(
        test,
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Big: ${'a'.repeat(size)}\r\n\r\n`,
      );
      expectError(answer, 431, 'HEADERS_TOO_LARGE');
    }
  });

  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
    'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    'NONSENSE / HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /api/v1/probe HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n',
  ])('are a 400 in the same shape for %j', async (request) => {
    const answer = await raw(test, request);
    expectError(answer, 400, 'BAD_REQUEST');
    expect(answer.head.toLowerCase()).toContain('x-request-id');
  });

  it('ignore an expectation that nobody can meet', async () => {
    const answer = await raw(test, 'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n');
    expect(answer.statusCode).toBe(200);
  });

  it('row 36: are a 400 for JSON that cannot be read', async () => {
    for (const payload of ['{', ' ', 'undefined', '{"__proto__": {"a": 1}}', `${'['.repeat(20_000)}`]) {
      expectError(await post(payload), 400, 'BAD_REQUEST');
    }
  });

  it('are a 400 for JSON after a byte order mark', async () => {
    expect((await post('{"text":"x"}')).statusCode).toBe(201);
    expectError(await post('\ufeff{"text":"x"}'), 400, 'BAD_REQUEST');
  });

  it('are a 400 for a body that is not UTF-8', async () => {
    const payload = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/json' };
    expectError(await test.send({ method: 'POST', url: '/api/v1/probe', headers, payload }), 400, 'BAD_REQUEST');
  });

  it('take an empty body for none, whatever its type is said to be', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const headers = { 'content-type': type, 'content-length': '0' };
      const send = (url: string, payload?: string) => test.send({ method: 'POST', url, headers, payload });
      for (const payload of ['', undefined]) {
        expect((await send('/api/v1/probe/nothing', payload)).statusCode).toBe(201);
        const refused = await send('/api/v1/probe', payload);
        expect([refused.statusCode, fieldsOf(refused)]).toEqual([422, ['body']]);
      }
    }
  });

  it('row 36: are a 413 for a body of more than 256 KiB', async () => {
    expectError(await post(JSON.stringify({ text: 'a'.repeat(256 * 1024) })), 413, 'PAYLOAD_TOO_LARGE');
    expect((await post(JSON.stringify({ text: 'a'.repeat(256 * 1024 - 11) }))).statusCode).toBe(201);
  });

  it('are a 415 for anything but JSON', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense']) {
      expectError(await post('text=1', { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    }
  });

  it('are a 415 for a body that is compressed', async () => {
    const payload = gzipSync('{"text":"x"}');
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await test.send({ method: 'POST', url: '/api/v1/probe', headers, payload });
    expectError(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    expect((await post('{"text":"x"}', { 'content-encoding': 'identity' })).statusCode).toBe(201);
  });

  it('tell nothing of what went wrong inside', async () => {
    for (const as of ['error', 'http']) {
      const answer = await test.get(`probe/fails/${as}`);
      expectError(answer, 500, 'INTERNAL_SERVER_ERROR');
      expect(answer.body).not.toContain('secret');
    }
  });
});

describe('bodies', () => {
  it.each([
    ['null', 'null', 'body'],
    ['a list', '[]', 'body'],
    ['an unknown field', '{"other": 1}', 'other'],
    ['a number for a text', '{"text": 1}', 'text'],
    ['a NUL', '{"text": "a\\u0000b"}', 'text'],
    ['half a surrogate pair', '{"text": "\\ud800"}', 'text'],
    ['a name that every object has', '{"constructor": 1}', 'constructor'],
    ['a number too large for JavaScript', '{"text": 1e400}', 'text'],
    ['40 lists in each other', `{"text": ${'['.repeat(40)}${']'.repeat(40)}}`, `text${'.0'.repeat(31)}`],
    ['20,000 lists in each other', `{"text": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`, `text${'.0'.repeat(31)}`],
  ])('row 36, row 37: that hold %s are refused with the name of the field', async (_what, payload, field) => {
    const body = expectError(await post(payload), 422, 'VALIDATION_ERROR');
    expect(body.errors?.map((error) => error.field)).toEqual([field]);
  });

  it('count the last of a repeated key', async () => {
    expect((await post('{"text": "first", "text": "last"}')).json()).toEqual({ text: 'last' });
  });
});
