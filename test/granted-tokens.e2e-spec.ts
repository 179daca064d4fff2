import { createHmac, generateKeyPairSync } from 'node:crypto';
import { CONNECTION_CLAIM } from '../src/connections/granted-tokens.js';
import { signingKeys } from '../src/connections/signing-keys.js';
import type { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { appToken, connect } from './app-tokens.js';
import { TEST_SECRET_KEY, TestApp } from './test-app.js';

let test: TestApp;
let user: User;
let claims: Record<string, unknown>;
beforeAll(async () => {
  test = await TestApp.start('sqlite', { settings: { PUBLIC_URL: 'https://learn.example.org' } });
  user = await test.make.learner();
  claims = { sub: user.id, scope: 'learn:read', [CONNECTION_CLAIM]: await connect(test, user) };
});
afterAll(() => test.stop());

/** What is said of a token: that it is good, or what is wrong. */
const verdictOn = async (token: string) => {
  const [status, code] = codeOf(await test.with(token).get('progress/me/courses'));
  return status === 200 ? 'good' : code;
};
const signedByHmac = (text: string, key: string | Buffer) =>
  `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('is good as the authorization server signs it, as often as it is sent', async () => {
  const token = appToken(test, claims);
  expect([await verdictOn(token), await verdictOn(token)]).toEqual(['good', 'good']);
});

it.each<[string, Record<string, unknown>]>([
  ['another audience', { aud: 'https://example.org' }],
  ['no audience', { aud: undefined }],
  ['a user who does not exist', { sub: 'nobody' }],
  ['no user', { sub: undefined }],
  ['a NUL in its user', { sub: 'a\u0000b' }],
  ['a connection that does not exist', { [CONNECTION_CLAIM]: 'nothing' }],
  ['no connection', { [CONNECTION_CLAIM]: undefined }],
  ['no scope', { scope: undefined }],
  ['a list for its scope', { scope: ['learn:read'] }],
  ['no expiry', { exp: undefined }],
  ['a text for its expiry', { exp: '9999999999' }],
  ['a time before which it is not good', { nbf: Math.floor(Date.now() / 1000) + 600 }],
])('row 28: is refused with %s', async (_name, payload) => {
  expect(await verdictOn(appToken(test, claims, { payload }))).toBe('INVALID_TOKEN');
});

it('row 28: is refused with the connection of somebody else', async () => {
  const other = await test.make.learner();
  expect(await verdictOn(appToken(test, { ...claims, sub: other.id }))).toBe('INVALID_TOKEN');
});

it('row 28: is refused with another key or another algorithm, whatever its header says', async () => {
  const { privateKey: elliptic } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { publicKey } = signingKeys([TEST_SECRET_KEY])[0];
  expect(await verdictOn(appToken(test, claims, { key: elliptic }))).toBe('INVALID_TOKEN');
  expect(await verdictOn(appToken(test, claims, { key: rsa, header: { alg: 'RS256' } }))).toBe('INVALID_TOKEN');
  const [, body] = appToken(test, claims).split('.');
  for (const alg of ['none', 'None', 'ES256', 'HS256']) {
    expect(await verdictOn(`${encode({ alg, typ: 'at+jwt' })}.${body}.`)).toBe('INVALID_TOKEN');
  }
  for (const key of [
    TEST_SECRET_KEY,
    publicKey.export({ type: 'spki', format: 'pem' }),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
  ]) {
    expect(await verdictOn(signedByHmac(`${encode({ alg: 'HS256', typ: 'at+jwt' })}.${body}`, key))).toBe(
      'INVALID_TOKEN',
    );
  }
});

it('row 28: is refused where its own header brings the key, and as another type of token', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  expect(await verdictOn(appToken(test, claims, { key: privateKey, header: { jwk } }))).toBe('INVALID_TOKEN');
  for (const typ of ['JWT', 'logout+jwt', undefined]) {
    expect(await verdictOn(appToken(test, claims, { header: { typ } }))).toBe('INVALID_TOKEN');
  }
});

it('row 28: is refused where a part of it cannot be read', async () => {
  const [header, body, signature] = appToken(test, claims).split('.');
  const noJson = Buffer.from('{"alg":').toString('base64url');
  const tokens = [`${noJson}.${body}.${signature}`, `${header}.${noJson}.${signature}`, `${header}.${body}.!`];
  const few = [`${header}.${body}`, body, `${header}..${signature}`, `..`, `${header}.${encode([])}.${signature}`];
  for (const token of [...tokens, ...few, `${header}.bnVsbA.${signature}`]) {
    expect([token, await verdictOn(token)]).toEqual([token, 'INVALID_TOKEN']);
  }
});

it('row 28: is refused as expired after its time', async () => {
  const exp = Math.floor(Date.now() / 1000) - 1;
  expect(await verdictOn(appToken(test, claims, { payload: { exp } }))).toBe('TOKEN_EXPIRED');
});

it('row 28: cannot take the place of a token of ours, nor the other way round', async () => {
  const ours = { iss: 'course-companion', aud: 'course-companion-api', type: 'access', ver: 0 };
  expect(await verdictOn(appToken(test, claims, { payload: ours }))).toBe('INVALID_TOKEN');
  const both = encode({ ...claims, ...ours, iss: 'https://learn.example.org', iat: 1, exp: 9_999_999_999 });
  const token = signedByHmac(`${encode({ alg: 'HS256', typ: 'JWT' })}.${both}`, TEST_SECRET_KEY);
  expect(await verdictOn(token)).toBe('INVALID_TOKEN');
});
