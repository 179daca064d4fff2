import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, Repository } from 'typeorm';
import { Statement } from '../database/statement.js';
import { User } from './user.entity.js';

/** What decides whether a token is still good, and by which days the learner counts. */
export type UserState = Pick<User, 'isActive' | 'tokenVersion' | 'role' | 'timezone'>;

const STATE = new Statement<UserState, 'id'>(
  'SELECT is_active AS "isActive", token_version AS "tokenVersion", role, timezone FROM users WHERE id = :id',
  { isActive: 'flag' },
);

@Injectable()
export class UsersRepository {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  find(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  findByEmail(canonicalEmail: string): Promise<User | null> {
    return this.users.findOneBy({ canonicalEmail });
  }

  /** The user with the hash of the password. */
  findWithPassword(where: FindOptionsWhere<User>): Promise<User | null> {
    return this.users.createQueryBuilder('user').addSelect('user.passwordHash').where(where).getOne();
  }

  findState(id: string): Promise<UserState | null> {
    return STATE.row(this.users.manager, { id });
  }

  /** Everyone, by email. */
  list(): Promise<User[]> {
    return this.users.find({ order: { canonicalEmail: 'asc' } });
  }
}
