import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that cannot be guessed, so that a plain hash of it is enough to keep. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The form in which a secret of 256 random bits is kept. */
export function hashSecret(secret: string | Buffer): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether two secrets are the same. It takes the same time wherever they differ, whatever they are made of. */
export function isSameSecret(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a, b);
}
