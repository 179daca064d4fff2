import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same. It takes the same time wherever they differ, whatever they are made of. */
export function isSameSecret(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a, b);
}
