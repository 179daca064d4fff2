import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CountedLimit } from '../common/request-context.js';
import { countedAddress } from '../limits/client-address.js';
import { LimitsService } from '../limits/limits.service.js';
import { canonicalLogin } from '../users/identity.js';
import type { User } from '../users/user.entity.js';
import { SessionsService } from './sessions.service.js';

/**
 * Failed logins, counted per account and address and per account in all; the same for accounts that do not exist. Who
 * fails at an account from everywhere locks it for an hour at most, and never where its owner is signed in.
 */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly limits: LimitsService,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Counts a login as failed before it is tried, so that no more are tried at once than may fail.
   * @returns what to refund if it succeeds
   * @throws {AppError} RATE_LIMIT_EXCEEDED
   */
  async begin(login: string, user: User | null, address: string): Promise<CountedLimit[]> {
    const account = accountKey(login);
    const here = `${account}:${countedAddress(address)}`;
    const own = await this.limits.take('AUTH_LOGIN_ACCOUNT', this.limits.key('AUTH_LOGIN_ACCOUNT', here));
    try {
      if (user && (await this.sessions.isKnownAt(user.id, address))) return [own];
      const total = this.limits.key('AUTH_LOGIN_ACCOUNT_TOTAL', account);
      return [own, await this.limits.take('AUTH_LOGIN_ACCOUNT_TOTAL', total)];
    } catch (error) {
      await this.refund([own]);
      throw error;
    }
  }

  /** After a login has succeeded, or has not been tried at all. */
  async refund(counted: CountedLimit[]): Promise<void> {
    await Promise.all(counted.map((item) => this.limits.refund(item)));
  }

  /** Lets an account with a new password be signed in to from everywhere, whatever was tried with the old one. */
  async forget({ email, username }: User): Promise<void> {
    await Promise.all(
      [email, username].map((name) => this.limits.forget('AUTH_LOGIN_ACCOUNT_TOTAL', accountKey(name))),
    );
  }
}

/**
 * The account as it was named, in a form from which the name cannot be read. An account's email and username are
 * counted apart: that one of them has been tried would else tell that the other is the same account's.
 */
function accountKey(login: string): string {
  const name = Object.entries(canonicalLogin(login)).flat().join(' ');
  return createHash('sha256').update(name).digest('base64url');
}
