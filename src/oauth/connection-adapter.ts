import type { Adapter, AdapterPayload } from 'oidc-provider';
import { Connection } from '../connections/connection.entity.js';
import type { Storage } from './storage.js';

/** Keeps what learners have granted, which the library calls a grant, as their connections. */
export class ConnectionAdapter implements Adapter {
  constructor(
    private readonly storage: Storage,
    private readonly nameOf: (clientId: string) => Promise<string | null>,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const { clock, unitOfWork, changes } = this.storage;
    const { accountId: userId = '', clientId = '' } = payload;
    const now = clock.now();
    const connection: Connection = {
      id,
      userId,
      clientId,
      clientName: await this.nameOf(clientId),
      scopes: (payload.openid as { scope?: string } | undefined)?.scope ?? '',
      payload,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: clock.in(expiresIn),
    };
    await unitOfWork.run((manager) => manager.insert(Connection, connection));
    changes.announceUser(userId);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const { reader } = this.storage;
    const found = await reader.findOne(Connection, { select: { id: true, payload: true }, where: { id } });
    return found ? { ...found.payload } : undefined;
  }

  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** A grant is used as often as it is there. */
  consume(): Promise<void> {
    return Promise.resolve();
  }

  revokeByGrantId(id: string): Promise<void> {
    return this.destroy(id);
  }

  async destroy(id: string): Promise<void> {
    const { unitOfWork, reader, changes } = this.storage;
    const found = await reader.findOneBy(Connection, { id });
    if (!found) return;
    await unitOfWork.run((manager) => manager.delete(Connection, { id }));
    changes.announceUser(found.userId);
  }
}
