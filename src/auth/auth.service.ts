import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Changes } from '../database/changes.js';
import { Metrics } from '../metrics/metrics.js';
import type { User } from '../users/user.entity.js';
import { toUserDto, type UserDto } from '../users/users.dto.js';
import { UsersService } from '../users/users.service.js';
import { AccountExport } from '../users/account-export.js';
import { AccessTokens } from './access-tokens.js';
import { accountDisabled, invalidToken } from './auth-errors.js';
import type {
  AccountExportDto,
  LoginDto,
  PasswordChangeDto,
  PasswordDto,
  PasswordResetDto,
  RefreshTokenDto,
  RegisteredDto,
  RegistrationDto,
  TokenPairDto,
  UserPatchDto,
} from './auth.dto.js';
import { AuthEvents } from './auth-events.js';
import { LoginAttempts } from './login-attempts.js';
import { PasswordResets } from './password-resets.js';
import { Passwords } from './passwords.js';
import { SessionsService } from './sessions.service.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly attempts: LoginAttempts,
    private readonly resets: PasswordResets,
    private readonly accountExport: AccountExport,
    private readonly tokens: AccessTokens,
    private readonly unitOfWork: UnitOfWork,
    private readonly changes: Changes,
    private readonly events: AuthEvents,
    private readonly metrics: Metrics,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Opens an account and signs in to it. @throws {AppError} EMAIL_TAKEN, USERNAME_TAKEN */
  async register(registration: RegistrationDto, address: string): Promise<RegisteredDto> {
    const user = await this.enroll(registration, address);
    return { ...this.toPair(user, await this.sessions.begin(user, address)), user: toUserDto(user) };
  }

  /** Opens an account without signing in to it. @throws {AppError} EMAIL_TAKEN, USERNAME_TAKEN */
  async enroll({ password, ...account }: RegistrationDto, address: string): Promise<User> {
    const passwordHash = await this.passwords.hash(password);
    const user = await this.users.create({ ...account, passwordHash });
    this.metrics.registrations.inc();
    this.events.record('registered', user.id, { address });
    return user;
  }

  /** @throws as `authenticate` does */
  async login(login: LoginDto, address: string): Promise<TokenPairDto> {
    const user = await this.authenticate(login, address);
    return this.toPair(user, await this.sessions.begin(user, address));
  }

  /**
   * The user who signs in. Nothing in the answer, or in the time it takes, tells an unknown account from a wrong
   * password.
   * @throws {AppError} INVALID_CREDENTIALS, ACCOUNT_DISABLED, RATE_LIMIT_EXCEEDED
   */
  async authenticate({ login, password }: LoginDto, address: string): Promise<User> {
    const user = await this.users.findByLogin(login);
    const attempt = await this.attempts.begin(login, user, address);
    const isRight = await this.passwords.verify(password, user?.passwordHash).catch(async (error: unknown) => {
      await this.attempts.refund(attempt);
      throw error;
    });
    if (!user || !isRight) {
      this.events.record('sign_in_failed', user?.id ?? null, { address });
      throw new AppError('INVALID_CREDENTIALS', 'The login or the password is wrong');
    }
    await this.attempts.refund(attempt);
    if (!user.isActive) {
      this.events.record('sign_in_refused', user.id, { address });
      throw accountDisabled();
    }
    if (this.passwords.isOutdated(user.passwordHash)) {
      await this.users.replaceHash(user, await this.passwords.hash(password));
    }
    this.events.record('signed_in', user.id, { address });
    return user;
  }

  /** @throws {AppError} INVALID_TOKEN, ACCOUNT_DISABLED */
  async refresh({ refresh_token }: RefreshTokenDto): Promise<TokenPairDto> {
    const { user, refreshToken } = await this.sessions.renew(refresh_token);
    this.events.record('token_refreshed', user.id);
    return this.toPair(user, refreshToken);
  }

  /** Ends the session of the token; a token that nobody knows is no error. */
  async logout({ refresh_token }: RefreshTokenDto): Promise<void> {
    const userId = await this.sessions.end(refresh_token);
    if (userId !== null) this.events.record('signed_out', userId);
  }

  /** @throws {AppError} INVALID_TOKEN */
  async me(userId: string): Promise<UserDto> {
    return toUserDto(mustBeThere(await this.users.find(userId)));
  }

  /** All that is stored of the user, without secrets. @throws {AppError} INVALID_TOKEN if they are gone */
  async exportMe(userId: string): Promise<AccountExportDto> {
    const [user, records] = await Promise.all([this.me(userId), this.accountExport.recordsOf(userId)]);
    this.events.record('account_exported', userId);
    return { exported_at: this.clock.now(), user, records };
  }

  /** @throws {AppError} USERNAME_TAKEN, INVALID_TOKEN */
  async updateMe(userId: string, { username, timezone }: UserPatchDto): Promise<UserDto> {
    return toUserDto(mustBeThere(await this.users.update(userId, { username, timezone })));
  }

  /** Ends every session of the user too. @throws {AppError} WRONG_PASSWORD, CONFLICT if it has changed meanwhile */
  async changePassword(userId: string, { current_password, new_password }: PasswordChangeDto): Promise<void> {
    const user = await this.confirm(userId, current_password);
    const isDone = await this.setPassword(user, new_password);
    if (!isDone) throw new AppError('CONFLICT', 'The password has been changed meanwhile');
    this.events.record('password_changed', userId);
  }

  /** Ends every session of the user too. @throws {AppError} INVALID_TOKEN */
  async resetPassword({ token, new_password }: PasswordResetDto): Promise<void> {
    const user = await this.resets.userOf(token);
    const isDone = await this.setPassword(user, new_password, (manager) => this.resets.spend(manager, token));
    if (!isDone) throw invalidToken('reset');
    this.events.record('password_reset', user.id);
  }

  /** Removes the user and all that is stored of them. @throws {AppError} WRONG_PASSWORD */
  async deleteMe(userId: string, { password }: PasswordDto): Promise<void> {
    await this.confirm(userId, password);
    await this.users.remove(userId);
    this.events.record('account_deleted', userId);
  }

  private async confirm(userId: string, password: string): Promise<User> {
    const user = mustBeThere(await this.users.findWithPassword({ id: userId }));
    if (await this.passwords.verify(password, user.passwordHash)) return user;
    throw new AppError('WRONG_PASSWORD', 'The password is wrong');
  }

  /**
   * Ends every session too.
   * @param mayBeSet asked in the unit of work that sets it
   * @returns whether it might, and nobody else has set it since `user` was read
   */
  private async setPassword(
    user: User,
    password: string,
    mayBeSet: (manager: EntityManager) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<boolean> {
    const { users, sessions, resets } = this;
    const hash = await this.passwords.hash(password);
    const isDone = await this.unitOfWork.run(async (manager) => {
      if (!(await mayBeSet(manager)) || !(await users.setPassword(manager, user, hash))) return false;
      await sessions.endAll(manager, user.id);
      await resets.forget(manager, user.id);
      return true;
    });
    this.changes.announceUser(user.id);
    if (isDone) await this.attempts.forget(user);
    return isDone;
  }

  private toPair(user: User, refreshToken: string): TokenPairDto {
    return {
      access_token: this.tokens.sign(user),
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: this.config.accessTokenSeconds,
    };
  }
}

/**
 * The caller, who may have been removed since their token was looked at: another process hears of it a little later.
 */
function mustBeThere(caller: User | null): User {
  if (!caller) throw invalidToken('access');
  return caller;
}
