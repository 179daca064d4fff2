import { createSecretKey, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { ID_PATTERN } from '../common/ids.js';
import { Config } from '../config/config.js';
import type { User } from '../users/user.entity.js';

/** What an access token says, besides the claims that are checked before anyone sees it (RFC 7519). */
export interface AccessClaims {
  /** The user's id. */
  sub: string;
  /** The user's token version when it was issued. */
  ver: number;
  /** Tells it from any other token that the same keys may sign. */
  type: 'access';
  /** When it expires, in Unix seconds. */
  exp: number;
}

/** A client sends its token many times, and verifying it takes longer than most of what is done for it. */
const MAX_REMEMBERED = 5000;

/** Signs access tokens, finds the key that one was signed with, and remembers those that were good. */
@Injectable()
export class AccessTokens {
  private readonly keys: Buffer[];
  private readonly verified = new LRUCache<string, AccessClaims>({ max: MAX_REMEMBERED });

  constructor(
    private readonly jwt: JwtService,
    private readonly config: Config,
  ) {
    this.keys = config.secretKeys.map(toKey);
  }

  sign({ id, tokenVersion }: Pick<User, 'id' | 'tokenVersion'>): string {
    const { jwtAlgorithm, jwtIssuer, jwtAudience, accessTokenSeconds } = this.config;
    const claims: Omit<AccessClaims, 'exp'> = { sub: id, ver: tokenVersion, type: 'access' };
    return this.jwt.sign(claims, {
      secret: this.keys[0],
      algorithm: jwtAlgorithm,
      issuer: jwtIssuer,
      audience: jwtAudience,
      expiresIn: accessTokenSeconds,
      jwtid: randomUUID(),
    });
  }

  /**
   * What a token says that was found good and has not expired since; whether its user's state still fits is another
   * question.
   */
  recall(token: string): AccessClaims | undefined {
    const claims = this.verified.get(token);
    return claims && claims.exp * 1000 > Date.now() ? claims : undefined;
  }

  remember(token: string, claims: AccessClaims): void {
    this.verified.set(token, claims);
  }

  /** The key that signed the token; the newest one where none did, which then refuses it. */
  keyOf(token: string): Buffer {
    const [newest, ...others] = this.keys;
    if (others.length === 0) return newest;
    const isSigner = (secret: Buffer) => {
      try {
        this.jwt.verify(token, { secret, algorithms: [this.config.jwtAlgorithm], ignoreExpiration: true });
        return true;
      } catch {
        return false;
      }
    };
    return this.keys.find(isSigner) ?? newest;
  }
}

/**
 * A key that jsonwebtoken takes as it is: of a text or bytes it would first find out, for every token, that they are no
 * public key. The types of the libraries that pass it on do not know of it.
 */
function toKey(text: string): Buffer {
  return createSecretKey(text, 'utf8') as unknown as Buffer;
}

/** Whether the claims of a token that was signed by us are those of an access token. */
export function isAccessClaims(claims: Record<string, unknown>): boolean {
  const { type, sub, ver, iat, exp } = claims;
  return (
    type === 'access' && typeof sub === 'string' && ID_PATTERN.test(sub) && [ver, iat, exp].every(Number.isSafeInteger)
  );
}
