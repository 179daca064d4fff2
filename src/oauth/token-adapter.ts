import { createHmac } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';
import { Connection } from '../connections/connection.entity.js';
import { OAuthRecord } from '../connections/oauth-record.entity.js';
import { isForeignKeyViolation } from '../database/database-errors.js';
import { insertNew } from '../database/insert-new.js';
import { RecordAdapter, type WithErrors } from './record-adapter.js';
import type { Storage } from './storage.js';

/**
 * For how long a refresh token that was replaced is still good: an answer may get lost, two requests may be parallel.
 */
const GRACE_MS = 10_000;

/**
 * The one refresh token that replaces another. It follows from the old one and a key of ours, so that two requests with
 * the old one are given the same: one family, not two.
 */
export function successorOf(token: string, key: string): string {
  return createHmac('sha256', key).update('oauth refresh token successor').update(token).digest('base64url');
}

/** Keeps what is issued on a connection and goes with it: codes and refresh tokens, each good once. */
export class TokenAdapter extends RecordAdapter {
  constructor(
    kind: 'AuthorizationCode' | 'RefreshToken',
    storage: Storage,
    library: WithErrors,
    private readonly key: string,
  ) {
    super(kind, storage, library);
  }

  /** What is there already stays as it is: it may have been used since. */
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { grantId: connectionId = '' } = payload;
    const record = { ...this.toRecord(id, payload, expiresIn), connectionId };
    const used = { lastUsedAt: record.createdAt };
    try {
      await this.storage.unitOfWork.run(async (manager) => {
        await insertNew(manager, OAuthRecord, record);
        await manager.update(Connection, { id: connectionId }, used);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new this.library.errors.InvalidGrant('the access was ended meanwhile');
      throw error;
    }
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.findRecord({ id: this.keyOf(id) });
    return found && { ...found.payload, jti: id, ...((await this.isUsedUp(id, found)) && { consumed: true }) };
  }

  /** A refresh token is honoured for a moment after it was replaced, as long as its successor has not been used. */
  private async isUsedUp(id: string, { consumedAt }: OAuthRecord): Promise<boolean> {
    if (consumedAt === null) return false;
    if (this.kind !== 'RefreshToken') return true;
    if (this.storage.clock.now().getTime() - consumedAt.getTime() > GRACE_MS) return true;
    const successor = await this.findRecord({ id: this.keyOf(successorOf(id, this.key)) });
    return successor?.consumedAt != null;
  }
}
