import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, LessThan } from 'typeorm';
import { Clock } from '../common/clock.js';
import { hashSecret } from '../common/secret.js';
import { Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { accountDisabled, invalidToken } from './auth-errors.js';
import { AuthEvents } from './auth-events.js';
import {
  newRefreshToken,
  readRefreshToken,
  type RefreshToken,
  successorOf,
  writeRefreshToken,
} from './refresh-token.js';
import { Session } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';

/**
 * For how long the token before the last one is still honoured: an answer may get lost, two requests may be parallel.
 */
const GRACE_S = 10;

/** Who goes on, and with which refresh token. */
export interface Renewed {
  user: User;
  refreshToken: string;
}

/** Sign-ins that live on through refresh tokens, each of which can be used once. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: AuthEvents,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Begins a session of a user who has just proved who they are; gives its first refresh token. */
  async begin(user: User, address: string): Promise<string> {
    const token = newRefreshToken();
    const session = {
      id: token.sessionId,
      userId: user.id,
      tokenHash: hashSecret(token.secret),
      tokenVersion: user.tokenVersion,
      addressHash: this.hashAddress(user.id, address),
      createdAt: this.clock.now(),
      expiresAt: this.clock.in(this.config.refreshTokenSeconds),
    };
    await this.unitOfWork.run((manager) => manager.insert(Session, session));
    return writeRefreshToken(token, this.config.secretKeys[0]);
  }

  /**
   * Replaces a refresh token. One that was replaced before ends its session, as somebody else has it too; but for the
   * last one, which for ten seconds gets the same successor again.
   * @throws {AppError} INVALID_TOKEN, ACCOUNT_DISABLED
   */
  async renew(text: string): Promise<Renewed> {
    const token = readRefreshToken(text, this.config.secretKeys);
    const session = token && (await this.sessions.findLiving(token.sessionId, this.clock.now()));
    if (!session) throw invalidToken('refresh');
    const user = await this.users.find(session.userId);
    if (!user) throw invalidToken('refresh');
    if (!user.isActive) throw accountDisabled();
    if (user.tokenVersion !== session.tokenVersion) throw invalidToken('refresh');
    const successor = await this.replace(token);
    if (!successor) {
      this.events.record('refresh_token_reused', user.id);
      throw invalidToken('refresh');
    }
    return { user, refreshToken: writeRefreshToken(successor, this.config.secretKeys[0]) };
  }

  /** Ends the session of a refresh token, if there is one; gives whose it was. */
  async end(text: string): Promise<string | null> {
    const token = readRefreshToken(text, this.config.secretKeys);
    const session = token && (await this.sessions.find(token.sessionId));
    if (!session) return null;
    await this.unitOfWork.run((manager) => manager.delete(Session, session.id));
    return session.userId;
  }

  /** Ends every session of a user, as a part of a larger unit of work. */
  async endAll(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(Session, { userId });
  }

  /** Whether the user has a living session that began at this address. */
  isKnownAt(userId: string, address: string): Promise<boolean> {
    return this.sessions.isKnownAt(userId, this.hashAddress(userId, address), this.clock.now());
  }

  async clearExpired(): Promise<void> {
    const expired = { expiresAt: LessThan(this.clock.now()) };
    await this.unitOfWork.run((manager) => manager.delete(Session, expired));
  }

  /** The token's successor; null, and the session at its end, if the token was replaced before. */
  private replace(token: RefreshToken): Promise<RefreshToken | null> {
    const { secretKeys } = this.config;
    const { sessions } = this;
    const now = this.clock.now();
    const successor = successorOf(token, secretKeys[0]);
    const rotation = {
      tokenHash: hashSecret(successor.secret),
      previousTokenHash: hashSecret(token.secret),
      rotatedAt: now,
      expiresAt: this.clock.in(this.config.refreshTokenSeconds),
    };
    return this.unitOfWork.run(async (manager) => {
      const { sessionId: id } = token;
      const { affected } = await manager.update(Session, { id, tokenHash: rotation.previousTokenHash }, rotation);
      if (affected === 1) return successor;
      const session = await sessions.findWithHashes(manager, id);
      const again = session && successorWithin(session, token, secretKeys, now);
      if (!again) await manager.delete(Session, id);
      return again;
    });
  }

  private hashAddress(userId: string, address: string): string {
    return createHmac('sha256', this.config.secretKeys[0]).update(`address ${userId} ${address}`).digest('base64url');
  }
}

/** The successor that a token was given before, if that was a moment ago and the successor has not been used since. */
function successorWithin(session: Session, token: RefreshToken, keys: string[], now: Date): RefreshToken | null {
  const sinceMs = now.getTime() - (session.rotatedAt?.getTime() ?? -Infinity);
  if (session.previousTokenHash !== hashSecret(token.secret) || sinceMs > GRACE_S * 1000) return null;
  const successors = keys.map((key) => successorOf(token, key));
  return successors.find(({ secret }) => hashSecret(secret) === session.tokenHash) ?? null;
}
