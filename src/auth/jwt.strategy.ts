import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { Config } from '../config/config.js';
import { bearerToken } from './bearer.js';
import { type AccessClaims, AccessTokens, isAccessClaims } from './access-tokens.js';

/** How far the clocks of two machines may be apart. */
const CLOCK_SKEW_S = 5;

/** Reads the bearer token of a request and checks all that the token itself can tell. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(config: Config, tokens: AccessTokens) {
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: (_request: unknown, token: unknown, done: (error: null, key: Buffer) => void) =>
        done(null, tokens.keyOf(String(token))),
      algorithms: [config.jwtAlgorithm],
      issuer: config.jwtIssuer,
      audience: config.jwtAudience,
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_S },
    });
  }

  validate(claims: Record<string, unknown>): AccessClaims | false {
    return isAccessClaims(claims) ? (claims as unknown as AccessClaims) : false;
  }
}
