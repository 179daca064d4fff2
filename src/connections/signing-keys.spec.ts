import { createPrivateKey, sign, verify } from 'node:crypto';
import { signingKeys } from './signing-keys.js';

const SECRETS = ['one secret key of the application', 'another secret key of the application'];

it('is the same key for the same secret, and another one for another', () => {
  const [one, other] = signingKeys(SECRETS);
  expect(signingKeys([SECRETS[0]])[0].jwk).toEqual(one.jwk);
  expect(other.kid).not.toBe(one.kid);
  expect(other.jwk.d).not.toBe(one.jwk.d);
});

it('signs what its public half verifies, and no other', () => {
  const [one, other] = signingKeys(SECRETS);
  const text = Buffer.from('a token');
  const signature = sign('sha256', text, createPrivateKey({ key: one.jwk, format: 'jwk' }));
  expect(verify('sha256', text, one.publicKey, signature)).toBe(true);
  expect(verify('sha256', text, other.publicKey, signature)).toBe(false);
});
