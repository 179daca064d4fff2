import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type * as Library from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Account, Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret, isSameSecret } from '../common/secret.js';
import { Config } from '../config/config.js';
import { UsersService } from '../users/users.service.js';
import { ConnectionAdapter } from './connection-adapter.js';
import { RecordAdapter } from './record-adapter.js';
import { ANNOUNCED, serverSettings } from './server-settings.js';
import { Storage } from './storage.js';
import { successorOf, TokenAdapter } from './token-adapter.js';

/**
 * The authorization server by which learners let apps act for them (OAuth 2.1 with the RFCs that ChatGPT asks for). The
 * library is loaded with the first request for it.
 */
@Injectable()
export class AuthorizationServer {
  private readonly logger = new Logger('OAuth');
  private provider?: Promise<Provider>;
  private readonly failures = new WeakMap<IncomingMessage, Error>();

  constructor(
    private readonly config: Config,
    private readonly storage: Storage,
    private readonly users: UsersService,
  ) {}

  open(): Promise<Provider> {
    return (this.provider ??= this.load().then((library) => this.build(library)));
  }

  /** Where clients are kept. */
  async clients(): Promise<Adapter> {
    return new RecordAdapter('Client', this.storage, await this.load());
  }

  /** Headers by which a request says what this service's public address is, whatever its caller has sent. */
  get publicHeaders(): Record<string, string> {
    const { host, protocol } = new URL(this.config.publicUrl);
    return { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1), 'x-forwarded-for': '' };
  }

  /** What went wrong on our side while a request was answered; undefined if nothing did. */
  failureOf(request: IncomingMessage): Error | undefined {
    return this.failures.get(request);
  }

  /** What the library prints while it is loaded, about the version of Node, goes where everything else goes. */
  private async load(): Promise<typeof Library> {
    const { warn } = console;
    console.warn = (message: string) => this.logger.log(message);
    try {
      return await import('oidc-provider');
    } finally {
      console.warn = warn;
    }
  }

  private build(library: typeof Library): Provider {
    const { publicUrl, secretKeys } = this.config;
    const [key] = secretKeys;
    const provider: Provider = new library.default(publicUrl, {
      ...serverSettings(library, this.config, (id) => this.findAccount(id)),
      adapter: (kind) => {
        if (kind === 'Grant') return new ConnectionAdapter(this.storage, nameOf);
        return kind === 'AuthorizationCode' || kind === 'RefreshToken'
          ? new TokenAdapter(kind, this.storage, library, key)
          : new RecordAdapter(kind, this.storage, library);
      },
    });
    const nameOf = async (id: string) => (await provider.Client.find(id))?.clientName ?? null;
    provider.proxy = true;
    provider.on('server_error', ({ req }: KoaContextWithOIDC, error: Error) => this.failures.set(req, error));
    provider.use(async (context: KoaContextWithOIDC, next) => {
      await next();
      const isDiscovery = context.path.startsWith('/.well-known/');
      if (isDiscovery) context.body = { ...(context.body as object), ...ANNOUNCED };
    });
    keepSecretsAsHashes(provider);
    giveOneSuccessor(provider, library, key);
    return provider;
  }

  /** Nobody who is gone or disabled. */
  private async findAccount(id: string): Promise<Account | undefined> {
    const state = await this.users.stateOf(id);
    return state?.isActive ? { accountId: id, claims: () => ({ sub: id }) } : undefined;
  }
}

/** Clients' secrets are stored as hashes, so they are compared as such. */
function keepSecretsAsHashes(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = function (this: { clientSecret: string }, secret: string) {
    return isSameSecret(hashSecret(secret), this.clientSecret);
  };
}

/** A refresh token that takes the place of another follows from it. */
function giveOneSuccessor(provider: Provider, library: typeof Library, key: string): void {
  const { generateTokenId } = provider.RefreshToken.prototype as unknown as { generateTokenId: () => string };
  Object.assign(provider.RefreshToken.prototype, {
    generateTokenId(this: object): string {
      const replaced = library.default.ctx?.oidc.entities.RotatedRefreshToken;
      return replaced ? successorOf(replaced.jti, key) : generateTokenId.call(this);
    },
  });
}
