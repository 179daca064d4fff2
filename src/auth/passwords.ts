import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compare, getRounds, hash } from 'bcrypt';
import { bulkhead, type BulkheadPolicy, BulkheadRejectedError } from 'cockatiel';
import { unavailable } from '../common/errors.js';
import { Config } from '../config/config.js';

/** How many wait for their turn per password that is being hashed; more are sent away. */
const WAITING_PER_TURN = 20;
const RETRY_AFTER_S = 2;

/**
 * Passwords as bcrypt keeps them. Hashing takes a processor for a while, on purpose; so that a storm of logins leaves
 * the others for the rest, few are hashed at once, some wait, and what is too much is refused.
 */
@Injectable()
export class Passwords {
  private readonly turns: BulkheadPolicy;

  constructor(private readonly config: Config) {
    const turns = config.passwordHashConcurrency;
    this.turns = bulkhead(turns, turns * WAITING_PER_TURN);
  }

  /** @throws {AppError} SERVICE_UNAVAILABLE if too many wait already */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(digest(password), this.config.bcryptCost));
  }

  /**
   * Whether the password is the one of the hash. Without a hash, or with one of less cost than is configured now, it
   * takes as long to be false.
   * @throws {AppError} SERVICE_UNAVAILABLE if too many wait already
   */
  verify(password: string, stored: string | undefined): Promise<boolean> {
    const { bcryptCost } = this.config;
    const digested = digest(password);
    return this.inTurn(async () => {
      if (stored === undefined) return compare(digested, decoyOf(bcryptCost)).then(() => false);
      if (await compare(digested, stored)) return true;
      // A cost takes twice as long as the one below it, so that all from this one on add up to the configured one.
      for (let cost = getRounds(stored); cost < bcryptCost; cost++) await compare(digested, decoyOf(cost));
      return false;
    });
  }

  /** Whether the hash was made with another cost than is configured now. */
  isOutdated(stored: string): boolean {
    return getRounds(stored) !== this.config.bcryptCost;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) {
        throw unavailable('Too many are signing in; try again in a moment', RETRY_AFTER_S, error);
      }
      throw error;
    }
  }
}

/** A hash that no password has. */
function decoyOf(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}

/**
 * A password of any length in 64 characters, as bcrypt reads 72 bytes and drops the rest. The same text is the same
 * password however it was typed (NFC, as in the OpaqueString profile of RFC 8265); the key keeps digests that leaked
 * elsewhere from being tried here (OWASP Password Storage Cheat Sheet, "Pre-Hashing Passwords with bcrypt").
 */
function digest(password: string): string {
  return createHmac('sha384', 'course-companion password').update(password.normalize('NFC')).digest('base64');
}
