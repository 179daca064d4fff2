import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AllClientMetadata } from 'oidc-provider';
import { newSecret } from '../common/secret.js';
import { Connection } from '../connections/connection.entity.js';
import { OAuthRecord } from '../connections/oauth-record.entity.js';
import { AuthorizationServer } from './authorization-server.js';
import { Storage } from './storage.js';

/** A new client, with the secret that nobody can read again; a public one has none. */
export interface Credentials {
  clientId: string;
  clientSecret?: string;
}

export interface ListedClient {
  clientId: string;
  name: string;
  isPublic: boolean;
  redirectUris: readonly string[];
  createdAt: Date;
}

/** The apps that the operator has registered, or that have registered themselves. */
@Injectable()
export class OAuthClients {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly storage: Storage,
  ) {}

  /** @param redirectUris where learners may be sent back to, each one that `isRedirectUri` lets pass */
  async create(name: string, redirectUris: string[], isPublic: boolean): Promise<Credentials> {
    const clientId = randomUUID();
    return this.store({
      client_id: clientId,
      client_name: name,
      redirect_uris: redirectUris,
      token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
      ...(!isPublic && { client_secret: newSecret() }),
    });
  }

  /** By name. */
  async list(): Promise<ListedClient[]> {
    const records = await this.storage.reader.find(OAuthRecord, {
      select: { clientId: true, payload: true, createdAt: true },
      where: { kind: 'Client' },
    });
    return records
      .map(({ clientId, payload, createdAt }) => {
        const { client_name, token_endpoint_auth_method, redirect_uris } = payload as AllClientMetadata;
        return {
          clientId: clientId ?? '',
          name: client_name ?? '',
          isPublic: token_endpoint_auth_method === 'none',
          redirectUris: redirect_uris ?? [],
          createdAt,
        };
      })
      .sort((one, other) => one.name.localeCompare(other.name));
  }

  /** The secret of before is good no more. @returns null if there is no such confidential client */
  async rotateSecret(clientId: string): Promise<Credentials | null> {
    const metadata = await (await this.server.clients()).find(clientId);
    if (!metadata?.client_secret) return null;
    return this.store({ ...metadata, client_id: clientId, client_secret: newSecret() });
  }

  /** Deletes a client and ends what learners have granted it. @returns whether there was one */
  async delete(clientId: string): Promise<boolean> {
    const { unitOfWork, changes } = this.storage;
    const { affected } = await unitOfWork.run(async (manager) => {
      await manager.delete(Connection, { clientId });
      return manager.delete(OAuthRecord, { kind: 'Client', clientId });
    });
    changes.announceUser(null);
    return affected !== 0;
  }

  private async store(metadata: AllClientMetadata & { client_id: string }): Promise<Credentials> {
    const { client_id: clientId, client_secret: clientSecret } = metadata;
    await (await this.server.clients()).upsert(clientId, metadata);
    return { clientId, clientSecret };
  }
}
