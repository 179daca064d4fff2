import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type * as Library from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Adapter, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { SCOPES } from '../auth/scope.js';
import { Config } from '../config/config.js';
import { CONNECTION_CLAIM, SIGNING_ALGORITHM } from '../connections/granted-tokens.js';
import { signingKeys } from '../connections/signing-keys.js';
import { UsersService } from '../users/users.service.js';
import { isSecret } from './client-secret.js';
import { ConnectionAdapter } from './connection-adapter.js';
import { errorPage } from './pages.js';
import { RecordAdapter } from './record-adapter.js';
import { isOfChatGpt, isOfDocument } from './redirect-uris.js';
import { Storage } from './storage.js';

/** All that an app can ask for: to read, to act, and to go on while the learner is away. */
export const ALL_SCOPES = [...SCOPES, 'offline_access'].join(' ');

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** How long a learner has to sign in and consent. */
const INTERACTION_S = HOUR_S;
/** How long a browser stays signed in, so that a second app needs no password again. */
const SIGN_IN_S = HOUR_S;
const CODE_S = 60;
/** Without use; each use gives a new one. */
const REFRESH_TOKEN_S = 30 * DAY_S;
/** After which an app has to ask the learner again. */
const CONNECTION_S = 365 * DAY_S;
const MAX_KEY_SET_BYTES = 64 * 1024;

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
    const { publicUrl } = this.config;
    const provider: Provider = new library.default(publicUrl, {
      ...this.configuration(library),
      adapter: (kind) =>
        kind === 'Grant'
          ? new ConnectionAdapter(this.storage, async (id) => (await provider.Client.find(id))?.clientName ?? null)
          : new RecordAdapter(kind, this.storage, library),
    });
    provider.proxy = true;
    provider.on('server_error', ({ req }: KoaContextWithOIDC, error: Error) => this.failures.set(req, error));
    provider.use(async (context: KoaContextWithOIDC, next) => {
      await next();
      const isDiscovery = context.path.startsWith('/.well-known/');
      if (isDiscovery) context.body = { ...(context.body as object), scopes_supported: ALL_SCOPES.split(' ') };
    });
    provider.Client.prototype.compareClientSecret = function (this: { clientSecret: string }, secret: string) {
      return isSecret(secret, this.clientSecret);
    };
    return provider;
  }

  private configuration({ errors }: typeof Library): Configuration {
    const { config } = this;
    const [signingKey, ...formerKeys] = signingKeys(config.secretKeys);
    return {
      routes: {
        authorization: '/oauth/authorize',
        token: '/oauth/token',
        revocation: '/oauth/revoke',
        registration: '/oauth/register',
        jwks: '/oauth/jwks',
      },
      scopes: ALL_SCOPES.split(' '),
      responseTypes: ['code'],
      clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      clientDefaults: {
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: SIGNING_ALGORITHM,
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
      enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
      pkce: { required: (_context, client) => client.clientAuthMethod === 'none' },
      jwks: { keys: [signingKey, ...formerKeys].map(({ jwk }) => jwk) },
      cookies: {
        keys: config.secretKeys.map((key) => createHmac('sha256', key).update('oauth cookies').digest('base64url')),
        names: { session: 'sign_in', interaction: 'sign_in_step', resume: 'sign_in_resume' },
      },
      ttl: {
        AccessToken: config.accessTokenSeconds,
        AuthorizationCode: CODE_S,
        Grant: CONNECTION_S,
        IdToken: CODE_S,
        Interaction: INTERACTION_S,
        RefreshToken: REFRESH_TOKEN_S,
        Session: SIGN_IN_S,
      },
      features: {
        clientIdMetadataDocument: {
          enabled: true,
          ack: 'draft-02',
          allowFetch: (_context, id) => this.isAllowedHost(id),
          allowClient: (_context, { clientId, redirectUris = [] }) =>
            redirectUris.every((uri) => isOfDocument(uri, clientId)),
        },
        devInteractions: { enabled: false },
        dPoP: { enabled: false },
        pushedAuthorizationRequests: { enabled: false },
        registration: {
          enabled: config.oauthDynamicRegistration,
          issueRegistrationAccessToken: false,
        },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => config.publicUrl,
          useGrantedResource: () => true,
          getResourceServerInfo: (_context, resource) => {
            if (resource !== config.publicUrl && resource !== `${config.publicUrl}/`) throw new errors.InvalidTarget();
            return {
              scope: SCOPES.join(' '),
              audience: config.publicUrl,
              accessTokenFormat: 'jwt',
              accessTokenTTL: config.accessTokenSeconds,
              jwt: { sign: { alg: SIGNING_ALGORITHM, kid: signingKey.kid } },
            };
          },
        },
        // A client may revoke its own tokens; of others it is not told.
        revocation: { enabled: true, allowedPolicy: (_context, client, { clientId }) => clientId === client.clientId },
        rpInitiatedLogout: { enabled: false },
        userinfo: { enabled: false },
      },
      extraTokenClaims: (_context, token) => ({
        [CONNECTION_CLAIM]: 'grantId' in token ? token.grantId : undefined,
      }),
      expiresWithSession: () => false,
      issueRefreshToken: (_context, client, code) =>
        client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
      rotateRefreshToken: true,
      clientBasedCORS: () => false,
      extraClientMetadata: {
        properties: ['redirect_uris'],
        validator: (context, _key, uris) => {
          const isRegistering = context?.oidc?.route === 'registration' && Array.isArray(uris);
          if (isRegistering && !uris.every((uri) => isOfChatGpt(String(uri)))) throw new errors.InvalidRedirectUri();
        },
      },
      findAccount: (_context, id) => this.findAccount(id),
      interactions: { url: (_context, { uid }) => `/oauth/interaction/${uid}` },
      renderError: (context, { error, error_description: description }) => {
        context.type = 'html';
        context.body = errorPage(
          `The app asked for something that cannot be done (${error}${description ? `: ${description}` : ''}).`,
        );
      },
      fetch: (url, options) => this.fetchAllowed(url as string, options),
      fetchResponseBodyLimits: { jwks_uri: MAX_KEY_SET_BYTES, sector_identifier_uri: 0 },
    };
  }

  /** Nobody who is gone or disabled. */
  private async findAccount(id: string) {
    const state = await this.users.stateOf(id);
    return state?.isActive ? { accountId: id, claims: () => ({ sub: id }) } : undefined;
  }

  private isAllowedHost(url: string): boolean {
    return this.config.oauthClientHosts.includes(new URL(url).host);
  }

  /** The library sees to it that what is fetched is small, quick and, by what it dispatches with, at a public address. */
  private fetchAllowed(url: string, options: RequestInit & { dispatcher?: unknown } = {}): Promise<Response> {
    if (!this.isAllowedHost(url) || !options.dispatcher) {
      return Promise.reject(new Error(`Nothing is fetched from ${new URL(url).host}`));
    }
    return fetch(url, { ...options, redirect: 'manual' });
  }
}
