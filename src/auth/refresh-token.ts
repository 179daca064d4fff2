import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;
const MAC_BYTES = 16;

/**
 * A refresh token: the id of its session and a secret of 256 bits, as one opaque text with a code that shows it to be
 * ours; who knows an id alone can make none that would seem to be used twice. The database holds the secret's hash
 * alone.
 */
export interface RefreshToken {
  sessionId: string;
  secret: Buffer;
}

export function newRefreshToken(): RefreshToken {
  return { sessionId: randomUUID(), secret: randomBytes(SECRET_BYTES) };
}

/** @param key signs it */
export function writeRefreshToken({ sessionId, secret }: RefreshToken, key: string): string {
  const content = Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]);
  return Buffer.concat([content, macOf(content, key)]).toString('base64url');
}

/** Null if it is none that one of the keys has signed. */
export function readRefreshToken(text: string, keys: string[]): RefreshToken | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES + MAC_BYTES || bytes.toString('base64url') !== text) return null;
  const content = bytes.subarray(0, -MAC_BYTES);
  const mac = bytes.subarray(-MAC_BYTES);
  if (!keys.some((key) => timingSafeEqual(macOf(content, key), mac))) return null;
  const hex = content.subarray(0, ID_BYTES).toString('hex');
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { sessionId, secret: content.subarray(ID_BYTES) };
}

/**
 * The one token that replaces another. It follows from the old one and a key of ours, so that two requests with the old
 * one are given the same, though no token is stored.
 */
export function successorOf({ sessionId, secret }: RefreshToken, key: string): RefreshToken {
  return { sessionId, secret: createHmac('sha256', key).update('refresh token successor').update(secret).digest() };
}

function macOf(content: Buffer, key: string): Buffer {
  return createHmac('sha256', key).update('refresh token').update(content).digest().subarray(0, MAC_BYTES);
}
