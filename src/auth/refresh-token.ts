import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/**
 * A refresh token: the id of its session and a secret of 256 bits, as one opaque text. The database holds the secret's
 * hash alone.
 */
export interface RefreshToken {
  sessionId: string;
  secret: Buffer;
}

export function newRefreshToken(): RefreshToken {
  return { sessionId: randomUUID(), secret: randomBytes(SECRET_BYTES) };
}

export function writeRefreshToken({ sessionId, secret }: RefreshToken): string {
  return Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]).toString('base64url');
}

/** Null if it has not the form of one. */
export function readRefreshToken(text: string): RefreshToken | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== text) return null;
  const hex = bytes.subarray(0, ID_BYTES).toString('hex');
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { sessionId, secret: bytes.subarray(ID_BYTES) };
}

/**
 * The one token that replaces another. It follows from the old one and a key of ours, so that two requests with the old
 * one are given the same, though no token is stored.
 */
export function successorOf({ sessionId, secret }: RefreshToken, key: string): RefreshToken {
  return { sessionId, secret: createHmac('sha256', key).update('refresh token successor').update(secret).digest() };
}

/** The form in which secrets of 256 random bits are stored. */
export function hashOf(secret: Buffer): string {
  return createHash('sha256').update(secret).digest('base64url');
}
