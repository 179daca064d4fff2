import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { tokenExpired } from '../auth/auth-errors.js';
import { SCOPES, type Scope } from '../auth/scope.js';
import { ID_PATTERN } from '../common/ids.js';
import { Config } from '../config/config.js';
import { SIGNING_ALGORITHM, signingKeys } from './signing-keys.js';

/** What the payload of an access token names its connection by. */
export const CONNECTION_CLAIM = 'connection';

/** Verifying takes a tenth of a millisecond, and an app sends its token many times. */
const MAX_REMEMBERED = 5000;

/** What the access token of an app says. */
export interface GrantedClaims {
  /** The id of the learner for whom the app acts. */
  userId: string;
  /** The connection on which it was issued. */
  connectionId: string;
  scopes: Scope[];
}

interface Token {
  header: { typ?: string };
  payload: Record<string, unknown>;
}

/** Checks the access tokens that the authorization server issues to apps (RFC 9068). */
@Injectable()
export class GrantedTokens {
  private readonly publicKeys: KeyObject[];
  private readonly verified = new LRUCache<string, GrantedClaims>({ max: MAX_REMEMBERED });

  constructor(
    private readonly jwt: JwtService,
    private readonly config: Config,
  ) {
    this.publicKeys = signingKeys(config.secretKeys).map(({ publicKey }) => publicKey);
  }

  /**
   * Whether a token says that the authorization server has issued it, so that no key but one of its own may have signed
   * it. The tokens that we sign ourselves may name the same issuer, but are signed in another way.
   */
  isOne(token: string): boolean {
    const [{ alg }, { iss }] = readParts(token);
    return iss === this.config.publicUrl && alg === SIGNING_ALGORITHM;
  }

  /** Null if the token is not good. @throws {AppError} TOKEN_EXPIRED */
  verify(token: string): GrantedClaims | null {
    const known = this.verified.get(token);
    if (known) return known;
    for (const publicKey of this.publicKeys) {
      const read = this.verifyBy(token, publicKey);
      const claims = read && toClaims(read);
      if (!claims) continue;
      const ttl = Number(read.payload.exp) * 1000 - Date.now();
      if (ttl > 0) this.verified.set(token, claims, { ttl });
      return claims;
    }
    return null;
  }

  private verifyBy(token: string, publicKey: KeyObject): Token | null {
    const { publicUrl } = this.config;
    try {
      return this.jwt.verify<Token & object>(token, {
        // The type does not know of what jsonwebtoken takes as it is.
        publicKey: publicKey as unknown as Buffer,
        algorithms: [SIGNING_ALGORITHM],
        issuer: publicUrl,
        audience: publicUrl,
        complete: true,
      });
    } catch (error) {
      if ((error as Error).name === 'TokenExpiredError') throw tokenExpired();
      return null;
    }
  }
}

/** The header and the payload of a token, whoever has signed it; of what cannot be read nothing. */
function readParts(token: string): [header: { alg?: unknown }, payload: { iss?: unknown }] {
  const [header = '', payload = ''] = token.split('.', 2);
  return [readPart(header), readPart(payload)];
}

function readPart(encoded: string): object {
  try {
    const part: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
    return typeof part === 'object' && part !== null ? part : {};
  } catch {
    return {};
  }
}

/** RFC 9068, 2. */
function toClaims({ header, payload }: Token): GrantedClaims | null {
  const { sub, scope, exp, [CONNECTION_CLAIM]: connectionId } = payload;
  if (header.typ !== 'at+jwt' || !Number.isSafeInteger(exp)) return null;
  if (typeof sub !== 'string' || !ID_PATTERN.test(sub)) return null;
  if (typeof scope !== 'string' || typeof connectionId !== 'string') return null;
  const granted = scope.split(' ');
  return { userId: sub, connectionId, scopes: SCOPES.filter((name) => granted.includes(name)) };
}
