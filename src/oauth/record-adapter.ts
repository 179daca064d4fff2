import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload, errors } from 'oidc-provider';
import { type FindOptionsWhere, IsNull } from 'typeorm';
import { Connection } from '../connections/connection.entity.js';
import { OAuthRecord } from '../connections/oauth-record.entity.js';
import { isForeignKeyViolation } from '../database/database-errors.js';
import type { Storage } from './storage.js';
import { hashSecret } from './client-secret.js';

/** For how long a refresh token that was replaced is still good: an answer may get lost, two requests may be parallel. */
const GRACE_MS = 10_000;

/** What is issued on a connection, and goes with it. */
const ON_CONNECTIONS = ['AuthorizationCode', 'RefreshToken'];

/** Keeps one kind of what the authorization server has to remember; what it is found by is a secret, so of that a hash. */
export class RecordAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly storage: Storage,
    private readonly library: { errors: typeof errors },
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { clock, unitOfWork } = this.storage;
    const rest = { ...payload, jti: undefined };
    const record: OAuthRecord = {
      id: this.keyOf(id),
      kind: this.kind,
      userId: payload.accountId ?? null,
      connectionId: ON_CONNECTIONS.includes(this.kind) ? (payload.grantId ?? null) : null,
      clientId: payload.clientId ?? payload.client_id ?? null,
      uid: payload.uid ?? null,
      payload: this.kind === 'Client' ? withHashedSecret(rest) : rest,
      createdAt: clock.now(),
      consumedAt: null,
      expiresAt: expiresIn ? clock.in(expiresIn) : null,
    };
    const used = { lastUsedAt: record.createdAt };
    try {
      await unitOfWork.run(async (manager) => {
        await manager.upsert(OAuthRecord, record, ['id']);
        if (this.kind === 'RefreshToken') await manager.update(Connection, { id: record.connectionId ?? '' }, used);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new this.library.errors.InvalidGrant('the access was ended meanwhile');
      throw error;
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const payload = await this.findBy({ id: this.keyOf(id) });
    return payload && { ...payload, ...(this.kind !== 'Client' && { jti: id }) };
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.findBy({ kind: this.kind, uid });
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Of several that want to use up a code at once, one does. */
  async consume(id: string): Promise<void> {
    const { clock, unitOfWork } = this.storage;
    const unused = { id: this.keyOf(id), consumedAt: IsNull() };
    const { affected } = await unitOfWork.run((manager) =>
      manager.update(OAuthRecord, unused, { consumedAt: clock.now() }),
    );
    if (affected === 0 && this.kind === 'AuthorizationCode') {
      throw new this.library.errors.InvalidGrant('authorization code already consumed');
    }
  }

  async destroy(id: string): Promise<void> {
    const record = { id: this.keyOf(id) };
    await this.storage.unitOfWork.run((manager) => manager.delete(OAuthRecord, record));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const issued = { kind: this.kind, connectionId: grantId };
    await this.storage.unitOfWork.run((manager) => manager.delete(OAuthRecord, issued));
  }

  private async findBy(where: FindOptionsWhere<OAuthRecord>): Promise<AdapterPayload | undefined> {
    const { reader, clock } = this.storage;
    const record = await reader.findOne(OAuthRecord, {
      select: { payload: true, consumedAt: true, expiresAt: true },
      where,
    });
    const now = clock.now().getTime();
    if (!record || (record.expiresAt && record.expiresAt.getTime() <= now)) return undefined;
    const usedFor = record.consumedAt ? now - record.consumedAt.getTime() : null;
    const isUsedUp = usedFor !== null && (this.kind !== 'RefreshToken' || usedFor > GRACE_MS);
    return { ...record.payload, ...(isUsedUp && { consumed: true }) };
  }

  private keyOf(id: string): string {
    return createHash('sha256').update(`${this.kind} ${id}`).digest('base64url');
  }
}

function withHashedSecret(payload: AdapterPayload): AdapterPayload {
  return payload.client_secret === undefined
    ? payload
    : { ...payload, client_secret: hashSecret(payload.client_secret) };
}
