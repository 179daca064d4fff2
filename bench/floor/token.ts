import { createHmac } from 'node:crypto';
import { SETTINGS } from '../settings.js';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** An access token such as ours: HS256, the claims that are needed, signed with the same key. */
export function signToken(userId: string, lifeSeconds: number, id: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const named = { aud: 'course-companion-api', iss: 'course-companion', jti: id };
  const content = `${HEADER}.${encode({ sub: userId, ver: 0, type: 'access', iat, exp: iat + lifeSeconds, ...named })}`;
  return `${content}.${macOf(content)}`;
}

/** Whose token was sent as `Authorization`. @throws if it is none of ours */
export function readToken(authorization: string | undefined): string {
  const [, content, mac] = /^Bearer ([\w-]+\.[\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? [];
  if (content === undefined || macOf(content) !== mac) throw new Error('This token is none of ours');
  const claims = JSON.parse(Buffer.from(content.split('.')[1], 'base64url').toString()) as { sub: string; exp: number };
  if (claims.exp * 1000 < Date.now()) throw new Error('This token has expired');
  return claims.sub;
}

function macOf(content: string): string {
  return createHmac('sha256', SETTINGS.SECRET_KEY).update(content).digest('base64url');
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
