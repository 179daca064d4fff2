import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { TestApp } from './test-app.js';

let test: TestApp;
beforeAll(async () => {
  test = await TestApp.start('sqlite');
  await test.make.course({
    id: 'c',
    chapters: [{ content: `${'All work and no play. '.repeat(200)}\n` }, { isPremium: true }],
  });
});
afterAll(() => test.stop());

describe('caching', () => {
  const CHAPTER = 'chapters/c-1';

  it('row 41: lets shared caches keep free content, by encoding and by who asks', async () => {
    for (const path of ['courses', 'courses/c', 'courses/c/chapters', CHAPTER, 'chapters/c-1/next']) {
      const { headers } = await test.get(path);
      expect(headers['cache-control']).toBe('public, max-age=60, s-maxage=60, stale-while-revalidate=300');
      expect(headers.vary).toBe('Authorization, Accept-Encoding');
      expect(headers.etag).toMatch(/^"[\w-]+"$/);
    }
  });

  it('row 41: keeps errors and root routes out of every cache', async () => {
    for (const path of ['chapters/nowhere', 'courses?limit=0', 'chapters/c-2', '/', '/health/ready', '/nothing']) {
      expect((await test.get(path)).headers['cache-control']).toBe('private, no-store');
    }
  });

  it('row 41: gives an ETag per encoding and accepts any of them', async () => {
    const tags = await Promise.all(
      ['identity', 'gzip', 'br'].map(async (encoding) => {
        const answer = await test.get(CHAPTER, { 'accept-encoding': encoding });
        expect(answer.headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding);
        return String(answer.headers.etag);
      }),
    );
    expect(new Set(tags).size).toBe(3);
    for (const tag of [...tags, `W/${tags[0]}`, `"other", ${tags[2]}`, '*']) {
      const answer = await test.get(CHAPTER, { 'if-none-match': tag, 'accept-encoding': 'gzip' });
      expect([answer.statusCode, answer.body, answer.headers['content-length']]).toEqual([304, '', undefined]);
      expect(answer.headers.vary).toBe('Authorization, Accept-Encoding');
      expect(answer.headers['cache-control']).toContain('max-age=60');
      expect(answer.headers.etag).toBeDefined();
    }
    expect((await test.get(CHAPTER, { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it('changes the ETag with the content', async () => {
    const before = (await test.get('courses')).headers.etag;
    await test.make.course({ title: 'One more' });
    expect((await test.get('courses', { 'if-none-match': String(before) })).statusCode).toBe(200);
  });
});

describe('compression', () => {
  it('is for bodies above 1 KiB and for those who accept it', async () => {
    const plain = await test.get('chapters/c-1');
    const zipped = await test.get('chapters/c-1', { 'accept-encoding': 'gzip' });
    const brotli = await test.get('chapters/c-1', { 'accept-encoding': 'br;q=1.0, gzip;q=0.5' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(plain.body);
    expect(Number(zipped.headers['content-length'])).toBe(zipped.rawPayload.length);
    expect(
      (await test.get('chapters/c-2/previous', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding'],
    ).toBeUndefined();
    expect(
      (await test.get('chapters/nowhere', { 'accept-encoding': 'gzip' })).headers['content-encoding'],
    ).toBeUndefined();
  });
});

describe('CORS', () => {
  const preflight = (app: TestApp, origin: string) =>
    app.send({
      method: 'OPTIONS',
      url: '/api/v1/courses',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });

  it('opens the API to any page outside production', async () => {
    const answer = await preflight(test, 'https://example.com');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    const { headers } = await test.get('courses', { origin: 'https://example.com' });
    expect(headers['access-control-expose-headers']).toContain('X-Total-Count');
  });

  it('opens it to the configured origins alone', async () => {
    const app = await TestApp.start('sqlite', { settings: { CORS_ORIGINS: 'https://chatgpt.com, https://a.example' } });
    expect((await preflight(app, 'https://a.example')).headers['access-control-allow-origin']).toBe(
      'https://a.example',
    );
    expect((await preflight(app, 'https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    const { headers } = await app.get('courses', { origin: 'https://chatgpt.com' });
    expect(headers['access-control-allow-origin']).toBe('https://chatgpt.com');
    expect(headers.vary).toContain('Origin');
    await app.stop();
  });

  it('opens it to nobody in production unless told', async () => {
    const settings = {
      NODE_ENV: 'production',
      LLM_PROVIDER: 'none',
      SECRET_KEY: 'k3y-of-the-tests-0123456789-abcdefghij',
    };
    const app = await TestApp.start('sqlite', { settings });
    expect((await preflight(app, 'https://a.example')).headers['access-control-allow-origin']).toBeUndefined();
    await app.stop();
  });
});
