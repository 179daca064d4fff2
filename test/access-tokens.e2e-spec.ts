import { createHmac, generateKeyPairSync, createSign } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { TEST_SECRET_KEY, TestApp } from './test-app.js';

const OLD_KEY = 'Old-Wk3v-9sLq_2fHx7PzR0tYbNcUe5gMiAo';

let test: TestApp;
let user: User;
let claims: Record<string, unknown>;
beforeAll(async () => {
  test = await TestApp.start('sqlite', { settings: { SECRET_KEY: `${TEST_SECRET_KEY},${OLD_KEY}` } });
  user = await test.make.learner();
  const now = Math.floor(Date.now() / 1000);
  claims = {
    sub: user.id,
    ver: 0,
    type: 'access',
    iss: 'course-companion',
    aud: 'course-companion-api',
    jti: 'a',
    iat: now,
    exp: now + 600,
  };
});
afterAll(() => test.stop());

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** A token with whatever header, claims and key, signed by hand. */
function forge({ header = {}, payload = {}, key = TEST_SECRET_KEY, alg = 'HS256' }: Forgery): string {
  const body = `${encode({ alg, typ: 'JWT', ...header })}.${encode({ ...claims, ...payload })}`;
  return `${body}.${createHmac(HASHES[alg] ?? 'sha256', key)
    .update(body)
    .digest('base64url')}`;
}

interface Forgery {
  header?: object;
  payload?: Record<string, unknown>;
  key?: string;
  alg?: string;
}

async function expectCode(token: string, code: string): Promise<void> {
  for (const path of ['auth/me', 'courses']) {
    const answer = await test.get(path, { authorization: token });
    expect(codeOf(answer)).toEqual([401, code]);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[\w ]+"$/);
  }
}

it('is good as we sign it, with the newest key or an older one', async () => {
  for (const key of [TEST_SECRET_KEY, OLD_KEY]) {
    expect((await test.get('auth/me', { authorization: `Bearer ${forge({ key })}` })).statusCode).toBe(200);
  }
});

it('says who, until when, from whom and for whom, and nothing that a client should not see', () => {
  const signed = test.tokenOf(user).replace('Bearer ', '');
  const token = test.app.get(JwtService).decode<Record<string, unknown>>(signed);
  expect(Object.keys(token).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub', 'type', 'ver']);
});

it('row 28: is refused without a signature, whatever its header says', async () => {
  const [, body] = forge({}).split('.');
  for (const alg of ['none', 'None', 'NONE', 'HS256']) {
    await expectCode(`Bearer ${encode({ alg, typ: 'JWT' })}.${body}.`, 'INVALID_TOKEN');
  }
});

it('row 28: is refused with another algorithm, also one of ours that is not the configured one', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const body = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url');
  await expectCode(`Bearer ${body}.${signature}`, 'INVALID_TOKEN');
  await expectCode(`Bearer ${forge({ alg: 'HS384' })}`, 'INVALID_TOKEN');
  await expectCode(`Bearer ${forge({ alg: 'HS512' })}`, 'INVALID_TOKEN');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await expectCode(`Bearer ${forge({ key: pem })}`, 'INVALID_TOKEN');
});

it('row 28: is refused where its own header brings or names the key', async () => {
  const jwk = { kty: 'oct', k: Buffer.from('mine').toString('base64url') };
  for (const header of [
    { kid: '../../dev/null' },
    { jwk },
    { jku: 'http://127.0.0.1:1/keys' },
    { x5u: 'http://127.0.0.1:1' },
  ]) {
    await expectCode(`Bearer ${forge({ header, key: 'mine' })}`, 'INVALID_TOKEN');
    await expectCode(`Bearer ${forge({ header, key: '' })}`, 'INVALID_TOKEN');
  }
});

it.each<[string, Record<string, unknown>]>([
  ['another issuer', { iss: 'somebody' }],
  ['no issuer', { iss: undefined }],
  ['another audience', { aud: 'somebody' }],
  ['no audience', { aud: undefined }],
  ['another type', { type: 'refresh' }],
  ['no type', { type: undefined }],
  ['a text for its expiry', { exp: '9999999999' }],
  ['an expiry that is no number', { exp: {} }],
  ['no expiry', { exp: undefined }],
  ['an expiry that never comes', { exp: 1e300 }],
  ['no time of issue', { iat: undefined }],
  ['a NUL in its user', { sub: 'a\u0000b' }],
  ['no version', { ver: undefined }],
  ['another version', { ver: 1 }],
  ['a text for its version', { ver: '0' }],
  ['a user who does not exist', { sub: 'nobody' }],
  ['no user', { sub: undefined }],
  ['an object for its user', { sub: { id: 1 } }],
  ['a time before which it is not good', { nbf: Math.floor(Date.now() / 1000) + 600 }],
])('row 28: is refused with %s', async (_name, payload) => {
  await expectCode(`Bearer ${forge({ payload })}`, 'INVALID_TOKEN');
});

it('row 28: is refused as expired after its time, with five seconds of grace for the clocks', async () => {
  const now = Math.floor(Date.now() / 1000);
  await expectCode(`Bearer ${forge({ payload: { exp: now - 7 } })}`, 'TOKEN_EXPIRED');
  await expectCode(`Bearer ${forge({ payload: { exp: now - 7 }, key: OLD_KEY })}`, 'TOKEN_EXPIRED');
  const late = forge({ payload: { exp: now - 2 } });
  expect((await test.get('auth/me', { authorization: `Bearer ${late}` })).statusCode).toBe(200);
});

it('row 28: cannot be a refresh token, nor the other way round', async () => {
  const login = { login: user.email, password: 'a password of tests' };
  const tokens = (await test.anonymous.post('auth/login', login)).json<{
    refresh_token: string;
    access_token: string;
  }>();
  await expectCode(`Bearer ${tokens.refresh_token}`, 'INVALID_TOKEN');
  const answer = await test.anonymous.post('auth/refresh', { refresh_token: tokens.access_token });
  expect(answer.statusCode).toBe(401);
});

it.each([
  'Bearer',
  'Bearer ',
  'bearer',
  'Basic YTpi',
  'Bearer a.b.c',
  'Bearer a b',
  'nonsense',
  '',
  'Bearer ..',
  `Bearer ${'a'.repeat(8000)}`,
])('is refused where the header holds none: %.20s', (header) => expectCode(header, 'INVALID_TOKEN'));

it('is refused with anything after it', () => expectCode(`Bearer ${forge({})} ${forge({})}`, 'INVALID_TOKEN'));

it('is refused when it was changed by one letter', async () => {
  const token = forge({});
  for (const place of [5, token.indexOf('.') + 5, token.length - 10]) {
    const other = token[place] === 'A' ? 'B' : 'A';
    await expectCode(`Bearer ${token.slice(0, place)}${other}${token.slice(place + 1)}`, 'INVALID_TOKEN');
  }
});

it('may name the same issuer and audience as the tokens of apps', async () => {
  const settings = { PUBLIC_URL: 'https://learn.example.org', JWT_ISSUER: 'https://learn.example.org' };
  const same = await TestApp.on(test.database, { settings: { ...settings, JWT_AUDIENCE: settings.PUBLIC_URL } });
  expect((await same.as(user).get('auth/me')).statusCode).toBe(200);
  await same.app.close();
});

it('is refused when its key is gone', async () => {
  const token = forge({ key: OLD_KEY });
  const rotated = await TestApp.on(test.database, { settings: { SECRET_KEY: TEST_SECRET_KEY } });
  expect((await rotated.get('auth/me', { authorization: `Bearer ${token}` })).statusCode).toBe(401);
  await rotated.app.close();
});
