import type { AddressInfo } from 'node:net';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Response } from 'light-my-request';
import { Public } from '../src/auth/access.js';
import { type Exchange, violationsOf } from './contract.js';
import { takeViolations, TestApp } from './test-app.js';

@Controller('probe')
class ProbeController {
  @Get()
  @Public()
  refuse(@Res() reply: FastifyReply): void {
    void reply.status(418).send({ error: 'a shape of its own' });
  }
}

let test: TestApp;
beforeAll(async () => {
  test = await TestApp.start('sqlite', { controllers: [ProbeController] });
  await test.make.course({ id: 'c' });
  await test.app.listen(0, '127.0.0.1');
});
afterAll(() => test.stop());

const url = '/api/v1/courses/c';

function exchangeOf({ statusCode, headers, rawPayload }: Response): Exchange {
  return { method: 'GET', url, status: statusCode, headers, body: rawPayload };
}

const edited = (exchange: Exchange, change: object): Exchange => {
  const body = { ...(JSON.parse(exchange.body.toString()) as object), ...change };
  return { ...exchange, body: Buffer.from(JSON.stringify(body)) };
};
const without = (exchange: Exchange, header: string): Exchange => ({
  ...exchange,
  headers: { ...exchange.headers, [header]: undefined },
});

describe('every answer that a test gets is held against the contract', () => {
  it('without a socket and with one', async () => {
    await test.get('probe');
    expect(takeViolations().join()).toContain('error_code');
    const { port } = test.app.getHttpServer().address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/api/v1/probe`);
    expect(takeViolations().join()).toContain('error_code');
    await fetch(`http://127.0.0.1:${port}${url}`, { headers: { 'accept-encoding': 'br' } });
    expect(takeViolations()).toEqual([]);
  });

  it.each<[string, (kept: Exchange) => Exchange, string]>([
    ['a status', (kept) => ({ ...kept, status: 202 }), 'documents no such status'],
    ['a type', (kept) => ({ ...kept, headers: { ...kept.headers, 'content-type': 'text/html' } }), 'is text/html'],
    ['a field', (kept) => edited(kept, { secret: 1 }), 'additional properties {"additionalProperty":"secret"}'],
    ['a value', (kept) => edited(kept, { chapter_count: '3' }), '/chapter_count must be integer'],
    ['a form of time', (kept) => edited(kept, { created_at: '2026-11-22' }), '/created_at must match format'],
    ['the absence of a field', (kept) => edited(kept, { title: undefined }), "must have required property 'title'"],
    ['the absence of a header', (kept) => without(kept, 'x-ratelimit-reset'), 'has no X-RateLimit-Reset'],
    ['an answer without an id', (kept) => without(kept, 'x-request-id'), 'has no X-Request-Id'],
  ])('%s that is not documented breaks it', async (_what, breaks, sentence) => {
    const kept = exchangeOf(await test.get(url));
    expect(violationsOf(kept)).toEqual([]);
    expect(violationsOf(breaks(kept)).join('\n')).toContain(sentence);
  });

  it.each<[string, (kept: Exchange) => Exchange, string]>([
    ['a code of another operation', (kept) => edited(kept, { error_code: 'QUIZ_NOT_FOUND' }), 'does not document'],
    ['a code of another status', (kept) => edited(kept, { error_code: 'EMAIL_TAKEN' }), 'has another status'],
    ['another id than its header', (kept) => edited(kept, { request_id: 'another-one' }), 'not that of its header'],
    ['fields that nothing is wrong with', (kept) => edited(kept, { errors: [] }), 'VALIDATION_ERROR'],
    ['leave to be cached', (kept) => without(kept, 'cache-control'), 'may be cached'],
    ['a failure of ours', (kept) => ({ ...kept, status: 500 }), 'went wrong on our side'],
    ['a refusal without what to do', (kept) => ({ ...kept, status: 401 }), 'has no www-authenticate'],
  ])('an error with %s breaks it', async (_what, breaks, sentence) => {
    const kept = exchangeOf(await test.get('courses/nowhere'));
    expect(violationsOf(kept)).toEqual([]);
    expect(violationsOf(breaks(kept)).join('\n')).toContain(sentence);
  });
});
