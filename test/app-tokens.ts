import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { Scope } from '../src/auth/scope.js';
import { Config } from '../src/config/config.js';
import { Connection } from '../src/connections/connection.entity.js';
import { CONNECTION_CLAIM } from '../src/connections/granted-tokens.js';
import { SIGNING_ALGORITHM, signingKeys } from '../src/connections/signing-keys.js';
import { Changes } from '../src/database/changes.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import type { User } from '../src/users/user.entity.js';
import type { TestApp } from './test-app.js';

interface Wish {
  payload?: Record<string, unknown>;
  header?: Record<string, unknown>;
  /** A private key. */
  key?: KeyObject;
}

/** Connects an app to a user; gives the connection's id. */
export async function connect(test: TestApp, user: Pick<User, 'id'>): Promise<string> {
  const id = randomUUID();
  const now = new Date();
  const granted = { clientId: 'app', clientName: 'App', scopes: 'learn:read learn:write', payload: {} };
  const moments = { createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
  await test.app
    .get(UnitOfWork)
    .run((manager) => manager.insert(Connection, { id, userId: user.id, ...granted, ...moments }));
  test.app.get(Changes).announceUser(user.id);
  return id;
}

/** An access token as the authorization server signs it for an app, or as somebody forges it. */
export function appToken(test: TestApp, claims: Record<string, unknown>, wish: Wish = {}): string {
  const config = test.app.get(Config);
  const [{ jwk, kid }] = signingKeys(config.secretKeys);
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iss: config.publicUrl,
    aud: config.publicUrl,
    iat: now,
    exp: now + 600,
    ...claims,
    ...wish.payload,
  };
  const header = { alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid, ...wish.header };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const key = wish.key ?? createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** A token of an app that the user has connected with these scopes. */
export async function grantedToken(test: TestApp, user: Pick<User, 'id'>, scopes: Scope[]): Promise<string> {
  return appToken(test, { sub: user.id, scope: scopes.join(' '), [CONNECTION_CLAIM]: await connect(test, user) });
}
