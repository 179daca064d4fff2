import { createHmac } from 'node:crypto';
import type * as Library from 'oidc-provider';
import type { Account, Configuration } from 'oidc-provider';
import { SCOPES } from '../auth/scope.js';
import type { Config } from '../config/config.js';
import { CONNECTION_CLAIM } from '../connections/granted-tokens.js';
import { SIGNING_ALGORITHM, signingKeys } from '../connections/signing-keys.js';
import { APP_NAME_RULE, isAppName } from './app-name.js';
import { fetchAllowed, isAllowed } from './client-documents.js';
import { errorPage } from './pages.js';
import { isOfChatGpt, isOfDocument } from './redirect-uris.js';

/** All that an app can ask for: to read, to act, and to go on while the learner is away. */
export const GRANTABLE = [...SCOPES, 'offline_access'];

/**
 * What the metadata say otherwise than the library would: no OpenID, and no answer that takes a script to be passed on.
 */
export const ANNOUNCED = { scopes_supported: GRANTABLE, response_modes_supported: ['query'] };

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
 * How the authorization server behaves, in the library's terms. Every choice is made here, as the library has opinions
 * of its own for what is left out.
 * @param findAccount the learner of this id, unless they are gone or disabled
 */
export function serverSettings(
  { errors }: typeof Library,
  config: Config,
  findAccount: (id: string) => Promise<Account | undefined>,
): Configuration {
  const [signingKey, ...formerKeys] = signingKeys(config.secretKeys);
  return {
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      registration: '/oauth/register',
      jwks: '/oauth/jwks',
    },
    scopes: GRANTABLE,
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
        allowFetch: (_context, id) => isAllowed(id, config.oauthClientHosts),
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
      properties: ['redirect_uris', 'client_name'],
      validator: (context, property, value) => {
        if (property === 'client_name' && value !== undefined && !isAppName(value)) {
          throw new errors.InvalidClientMetadata(`client_name ${APP_NAME_RULE}`);
        }
        const isRegistering = property === 'redirect_uris' && context?.oidc?.route === 'registration';
        if (isRegistering && Array.isArray(value) && !value.every((uri) => isOfChatGpt(String(uri)))) {
          throw new errors.InvalidRedirectUri();
        }
      },
    },
    findAccount: (_context, id) => findAccount(id),
    interactions: { url: (_context, { uid }) => `/oauth/interaction/${uid}` },
    renderError: (context, { error, error_description: description }) => {
      context.type = 'html';
      context.body = errorPage(
        `The app asked for something that cannot be done (${error}${description ? `: ${description}` : ''}).`,
      );
    },
    fetch: (url, options) => fetchAllowed(url as string, config.oauthClientHosts, options),
    fetchResponseBodyLimits: { jwks_uri: MAX_KEY_SET_BYTES, sector_identifier_uri: 0 },
  };
}
