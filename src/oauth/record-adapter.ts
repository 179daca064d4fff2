import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload, errors } from 'oidc-provider';
import { type FindOptionsWhere, IsNull } from 'typeorm';
import { hashSecret } from '../common/secret.js';
import { OAuthRecord } from '../connections/oauth-record.entity.js';
import { isForeignKeyViolation } from '../database/database-errors.js';
import type { Storage } from './storage.js';

/** The library's errors, which it answers in the form of its RFCs. */
export interface WithErrors {
  errors: typeof errors;
}

/**
 * Keeps one kind of what the authorization server has to remember: clients, sign-ins and their steps. What it is found
 * by is a secret for most, so of that a hash.
 */
export class RecordAdapter implements Adapter {
  constructor(
    protected readonly kind: string,
    protected readonly storage: Storage,
    protected readonly library: WithErrors,
  ) {}

  /** Nothing is kept for a user who has just been deleted. */
  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const record = this.toRecord(id, payload, expiresIn);
    try {
      await this.storage.unitOfWork.run((manager) => manager.upsert(OAuthRecord, record, ['id']));
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.findRecord({ id: this.keyOf(id) });
    return found && { ...found.payload, ...(this.kind !== 'Client' && { jti: id }) };
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const found = await this.findRecord({ kind: this.kind, uid });
    return found && { ...found.payload };
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Of several that want to use up a code at once, one does. */
  async consume(id: string): Promise<void> {
    const unused = { id: this.keyOf(id), consumedAt: IsNull() };
    const consumedAt = this.storage.clock.now();
    const { affected } = await this.storage.unitOfWork.run((manager) =>
      manager.update(OAuthRecord, unused, { consumedAt }),
    );
    if (affected === 0 && this.kind === 'AuthorizationCode') {
      throw new this.library.errors.InvalidGrant('authorization code already consumed');
    }
  }

  /** A step of a sign-in is ended once: of several requests that go on from it, one does. */
  async destroy(id: string): Promise<void> {
    const record = { id: this.keyOf(id) };
    const { affected } = await this.storage.unitOfWork.run((manager) => manager.delete(OAuthRecord, record));
    if (affected === 0 && this.kind === 'Interaction') {
      throw new this.library.errors.SessionNotFound('this sign-in has gone on already');
    }
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const issued = { kind: this.kind, connectionId: grantId };
    await this.storage.unitOfWork.run((manager) => manager.delete(OAuthRecord, issued));
  }

  /** What is found and has not expired, with its payload. */
  protected async findRecord(where: FindOptionsWhere<OAuthRecord>): Promise<OAuthRecord | undefined> {
    const { reader, clock } = this.storage;
    const select = { id: true, payload: true, consumedAt: true, expiresAt: true };
    const found = await reader.findOne(OAuthRecord, { select, where });
    return !found || (found.expiresAt && found.expiresAt <= clock.now()) ? undefined : found;
  }

  protected toRecord(id: string, payload: AdapterPayload, expiresIn?: number): OAuthRecord {
    const { clock } = this.storage;
    const kept = { ...payload, jti: undefined };
    return {
      id: this.keyOf(id),
      kind: this.kind,
      userId: userOf(payload),
      connectionId: null,
      clientId: payload.clientId ?? payload.client_id ?? null,
      uid: payload.uid ?? null,
      payload: this.kind === 'Client' ? withHashedSecret(kept) : kept,
      createdAt: clock.now(),
      consumedAt: null,
      expiresAt: expiresIn ? clock.in(expiresIn) : null,
    };
  }

  protected keyOf(id: string): string {
    return createHash('sha256').update(`${this.kind} ${id}`).digest('base64url');
  }
}

/** Whose it is, also where they have just shown who they are and nobody has gone on from there. */
function userOf({ accountId, result, session }: AdapterPayload): string | null {
  return accountId ?? result?.login?.accountId ?? session?.accountId ?? null;
}

function withHashedSecret(payload: AdapterPayload): AdapterPayload {
  return payload.client_secret === undefined
    ? payload
    : { ...payload, client_secret: hashSecret(payload.client_secret) };
}
