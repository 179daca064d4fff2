import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, LessThan, MoreThan, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { hashSecret, newSecret } from '../common/secret.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { invalidToken } from './auth-errors.js';
import { PasswordReset } from './password-reset.entity.js';

const LIFETIME_S = 3600;

/** One-time tokens, made by an operator, with which a user sets a new password. */
@Injectable()
export class PasswordResets {
  constructor(
    @InjectRepository(PasswordReset) private readonly resets: Repository<PasswordReset>,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** A token that is good for an hour and once; it takes the place of the one before. */
  async offer(userId: string): Promise<string> {
    const token = newSecret();
    const reset = { userId, tokenHash: hashSecret(token), expiresAt: this.clock.in(LIFETIME_S) };
    await this.unitOfWork.run((manager) => manager.upsert(PasswordReset, reset, ['userId']));
    return token;
  }

  /** Whose token it is. @throws {AppError} INVALID_TOKEN */
  async userOf(token: string): Promise<User> {
    const reset = await this.resets.findOneBy({ tokenHash: hashSecret(token), expiresAt: MoreThan(this.clock.now()) });
    const user = reset && (await this.users.find(reset.userId));
    if (!user) throw invalidToken('reset');
    return user;
  }

  /** Uses a token up, as a part of a larger unit of work. @returns whether nobody has before */
  async spend(manager: EntityManager, token: string): Promise<boolean> {
    const { affected } = await manager.delete(PasswordReset, { tokenHash: hashSecret(token) });
    return affected === 1;
  }

  /** Withdraws a user's token, as a part of a larger unit of work. */
  async forget(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(PasswordReset, { userId });
  }

  async clearExpired(): Promise<void> {
    const expired = { expiresAt: LessThan(this.clock.now()) };
    await this.unitOfWork.run((manager) => manager.delete(PasswordReset, expired));
  }
}
