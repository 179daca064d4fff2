import { createECDH, createHash, createPublicKey, hkdfSync, type JsonWebKey, type KeyObject } from 'node:crypto';

/** The one algorithm by which the authorization server signs. */
export const SIGNING_ALGORITHM = 'ES256';

/** The order of the group of P-256 (SP 800-186, 3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** 128 bits more than the order has, so that the remainder is as good as uniform (FIPS 186-5, A.2.1). */
const SEED_BYTES = 48;

/** A key pair of the authorization server. */
export interface SigningKey {
  kid: string;
  /** The private key. */
  jwk: JsonWebKey;
  publicKey: KeyObject;
}

/**
 * The key pairs of the authorization server: the first signs, all verify. Each follows from one of the keys that the
 * application has anyway, so that all instances have the same, and rotating those rotates these.
 */
export function signingKeys(secretKeys: string[]): SigningKey[] {
  return secretKeys.map(toSigningKey);
}

function toSigningKey(secretKey: string): SigningKey {
  const seed = Buffer.from(hkdfSync('sha256', secretKey, '', 'course-companion oauth signing key', SEED_BYTES));
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(d);
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y };
  const kid = createHash('sha256').update(point).digest('base64url').slice(0, 16);
  return {
    kid,
    jwk: { ...publicJwk, d: d.toString('base64url'), kid, alg: SIGNING_ALGORITHM, use: 'sig' },
    publicKey: createPublicKey({ key: publicJwk, format: 'jwk' }),
  };
}
