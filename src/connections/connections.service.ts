import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, MoreThan, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Changes } from '../database/changes.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { UserCache } from '../database/user-cache.js';
import { Connection } from './connection.entity.js';
import { type ConnectionDto, toConnectionDtos } from './connections.dto.js';
import { OAuthRecord } from './oauth-record.entity.js';

/** The apps that learners have connected. */
@Injectable()
export class ConnectionsService {
  /** When each living connection of a user ends, in milliseconds. */
  private readonly living: UserCache<Map<string, number>>;

  constructor(
    @InjectRepository(Connection) private readonly connections: Repository<Connection>,
    private readonly unitOfWork: UnitOfWork,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {
    this.living = new UserCache(changes, async (userId) => {
      const found = await this.connections.find({ select: { id: true, expiresAt: true }, where: { userId } });
      return new Map(found.map(({ id, expiresAt }) => [id, expiresAt.getTime()]));
    });
  }

  /** The apps that may act for a user, the one that was connected last first. */
  async list(userId: string): Promise<ConnectionDto[]> {
    const expiresAt = MoreThan(this.clock.now());
    return toConnectionDtos(
      await this.connections.find({ where: { userId, expiresAt }, order: { createdAt: 'desc' } }),
    );
  }

  /** Whether an app may still act for the user on this connection; from memory where it is known. */
  async isLiving(userId: string, connectionId: string): Promise<boolean> {
    const expiresAt = (await this.living.get(userId)).get(connectionId);
    return expiresAt !== undefined && expiresAt > this.clock.now().getTime();
  }

  /** Ends all that a user has granted an app, and every token of it. */
  async end(userId: string, clientId: string): Promise<void> {
    await this.unitOfWork.run((manager) => manager.delete(Connection, { userId, clientId }));
    this.changes.announceUser(userId);
  }

  async clearExpired(): Promise<void> {
    const expiresAt = LessThan(this.clock.now());
    await this.unitOfWork.run(async (manager) => {
      await manager.delete(OAuthRecord, { expiresAt });
      await manager.delete(Connection, { expiresAt });
    });
  }
}
