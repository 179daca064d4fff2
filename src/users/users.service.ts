import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager, FindOptionsWhere } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError, validationError } from '../common/errors.js';
import type { MaybePromise } from '../common/maybe-promise.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { UserCache } from '../database/user-cache.js';
import { Changes } from '../database/changes.js';
import { canonicalEmail, canonicalLogin, canonicalUsername } from './identity.js';
import { User } from './user.entity.js';
import { UsersRepository, type UserState } from './users.repository.js';

/** What a new account is made of; the password is hashed already. */
export interface NewUser {
  email: string;
  username: string;
  passwordHash: string;
  timezone?: string;
  role?: User['role'];
}

/** What may change of an account besides its password. */
export type UserPatch = Partial<Pick<User, 'username' | 'timezone' | 'isActive' | 'role'>>;

@Injectable()
export class UsersService {
  private readonly states: UserCache<UserState | null>;

  constructor(
    private readonly users: UsersRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {
    this.states = new UserCache(changes, (id) => this.users.findState(id));
  }

  /** @throws {AppError} EMAIL_TAKEN, USERNAME_TAKEN or VALIDATION_ERROR */
  async create({ email, username, passwordHash, timezone = 'UTC', role = 'learner' }: NewUser): Promise<User> {
    const now = this.clock.now();
    const canonical = canonicalEmail(email);
    if (canonical === null) throw validationError([{ field: 'email', message: 'must be an email' }]);
    const user: User = {
      id: randomUUID(),
      email,
      canonicalEmail: canonical,
      username,
      canonicalUsername: canonicalUsername(username),
      passwordHash,
      role,
      timezone,
      isActive: true,
      tokenVersion: 0,
      createdAt: now,
      updatedAt: now,
    };
    await this.keepUnique(user, () => this.unitOfWork.run((manager) => manager.insert(User, user)));
    return user;
  }

  find(id: string): Promise<User | null> {
    return this.users.find(id);
  }

  /** @throws {AppError} USER_NOT_FOUND */
  async get(id: string): Promise<User> {
    const user = await this.find(id);
    if (!user) throw userNotFound(id);
    return user;
  }

  /** @throws {AppError} USER_NOT_FOUND */
  async getByEmail(email: string): Promise<User> {
    const user = await this.users.findByEmail(canonicalEmail(email) ?? '');
    if (!user) throw new AppError('USER_NOT_FOUND', `No user has the email '${email}'`);
    return user;
  }

  /** The user that signs in with this email or username, with the hash of the password. */
  findByLogin(login: string): Promise<User | null> {
    const canonical = canonicalLogin(login);
    return this.findWithPassword(
      'email' in canonical ? { canonicalEmail: canonical.email } : { canonicalUsername: canonical.username },
    );
  }

  /** The user with the hash of the password. */
  findWithPassword(where: FindOptionsWhere<User>): Promise<User | null> {
    return this.users.findWithPassword(where);
  }

  /** Everyone, by email. */
  list(): Promise<User[]> {
    return this.users.list();
  }

  /** What decides whether the user's tokens are good, from memory where it is known; null for no such user. */
  stateOf(id: string): MaybePromise<UserState | null> {
    return this.states.get(id);
  }

  /** @throws {AppError} USER_NOT_FOUND */
  async mustExist(id: string): Promise<void> {
    await this.getState(id);
  }

  /** The user's time zone (IANA), from memory where it is known. @throws {AppError} USER_NOT_FOUND */
  async timezoneOf(id: string): Promise<string> {
    return (await this.getState(id)).timezone;
  }

  /** Null for no such user. @throws {AppError} USERNAME_TAKEN */
  async update(id: string, patch: UserPatch): Promise<User | null> {
    if (Object.values(patch).every((value) => value === undefined)) return this.find(id);
    const { username } = patch;
    const values = {
      ...patch,
      ...(username !== undefined && { canonicalUsername: canonicalUsername(username) }),
      updatedAt: this.clock.now(),
    };
    await this.keepUnique(values, () => this.unitOfWork.run((manager) => manager.update(User, id, values)));
    this.changes.announceUser(id);
    return this.find(id);
  }

  /**
   * Sets a password and ends every access token that was issued before. A part of a larger unit of work, after which
   * the caller announces the change.
   * @returns whether the user was still as `tokenVersion` knows them
   */
  async setPassword(manager: EntityManager, user: Pick<User, 'id' | 'tokenVersion'>, hash: string): Promise<boolean> {
    const { id, tokenVersion } = user;
    const values = { passwordHash: hash, tokenVersion: tokenVersion + 1, updatedAt: this.clock.now() };
    const { affected } = await manager.update(User, { id, tokenVersion }, values);
    return affected === 1;
  }

  /** Keeps another hash of the same password. */
  async replaceHash({ id, passwordHash }: User, hash: string): Promise<void> {
    await this.unitOfWork.run((manager) => manager.update(User, { id, passwordHash }, { passwordHash: hash }));
  }

  /** Removes the user and, through the foreign keys, all that is stored of them. */
  async remove(id: string): Promise<void> {
    await this.unitOfWork.run((manager) => manager.delete(User, id));
    this.changes.announceUser(id);
  }

  private async getState(id: string): Promise<UserState> {
    const state = await this.stateOf(id);
    if (!state) throw userNotFound(id);
    return state;
  }

  /** Tells which of the two unique names it was that somebody else has. */
  private async keepUnique(wanted: Partial<User>, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const isEmail = wanted.canonicalEmail && (await this.users.findByEmail(wanted.canonicalEmail));
      throw isEmail
        ? new AppError('EMAIL_TAKEN', 'This email has an account already')
        : new AppError('USERNAME_TAKEN', 'This username is taken');
    }
  }
}

function userNotFound(id: string): AppError {
  return new AppError('USER_NOT_FOUND', `User '${id}' does not exist`);
}

/** Of an account that was there when the request came: whoever deleted it has done so since. */
export function goneMeanwhile(): AppError {
  return new AppError('CONFLICT', 'The account was deleted meanwhile');
}

/** @throws {AppError} CONFLICT instead of USER_NOT_FOUND, for a request that the user has sent */
export function conflictIfGone(error: unknown): never {
  throw error instanceof AppError && error.code === 'USER_NOT_FOUND' ? goneMeanwhile() : error;
}
