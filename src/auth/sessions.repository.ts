import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, MoreThan, Repository } from 'typeorm';
import { Session } from './session.entity.js';

@Injectable()
export class SessionsRepository {
  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {}

  find(id: string): Promise<Session | null> {
    return this.sessions.findOneBy({ id });
  }

  /** One that has not expired at this moment. */
  findLiving(id: string, now: Date): Promise<Session | null> {
    return this.sessions.findOneBy({ id, expiresAt: MoreThan(now) });
  }

  /** With the hashes of its tokens, as a part of a larger unit of work. */
  findWithHashes(manager: EntityManager, id: string): Promise<Session | null> {
    return manager
      .createQueryBuilder(Session, 'session')
      .addSelect(['session.tokenHash', 'session.previousTokenHash'])
      .where({ id })
      .getOne();
  }

  /** Whether a user has a living session that began at an address. */
  isKnownAt(userId: string, addressHash: string, now: Date): Promise<boolean> {
    return this.sessions.existsBy({ userId, addressHash, expiresAt: MoreThan(now) });
  }
}
