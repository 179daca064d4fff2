import * as openid from 'openid-client';
import { freePort } from '../drill/ports.js';
import { Clock } from '../src/common/clock.js';
import { OAuthClients } from '../src/oauth/oauth-clients.js';
import type { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { Browser, type Shown } from './browser.js';
import { PASSWORD } from './make.js';
import { type DatabaseKind, TestApp, type TestDatabase } from './test-app.js';

/** Where the apps of these tests want learners back; nobody listens there. */
export const CALLBACK = 'http://127.0.0.1:9/callback';

const ALL = 'learn:read learn:write offline_access';

interface WorldOptions {
  settings?: NodeJS.ProcessEnv;
  /** One that is there already. */
  database?: TestDatabase;
}

/** The application, listening where its PUBLIC_URL says, and what it takes to connect an app to it. */
export class World {
  private constructor(
    readonly test: TestApp,
    readonly origin: string,
  ) {}

  static async start(kind: DatabaseKind, { settings = {}, database }: WorldOptions = {}): Promise<World> {
    const port = await freePort();
    const origin = settings.PUBLIC_URL ?? `http://127.0.0.1:${port}`;
    const all = { PUBLIC_URL: origin, ...settings };
    const test = database
      ? await TestApp.on(database, { settings: all })
      : await TestApp.start(kind, { settings: all });
    await test.app.listen(port, '127.0.0.1');
    return new World(test, origin);
  }

  /** A client as the operator registers one, known to an independent library. */
  async client({ isPublic = false, auth = openid.ClientSecretPost } = {}): Promise<openid.Configuration> {
    const clients = this.test.app.get(OAuthClients);
    const { clientId, clientSecret } = await clients.create('Tutor <b>&', [CALLBACK], isPublic);
    return this.known(clientId, clientSecret === undefined ? openid.None() : auth(clientSecret));
  }

  known(clientId: string, auth: openid.ClientAuth): Promise<openid.Configuration> {
    const options = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' as const };
    return openid.discovery(new URL(this.origin), clientId, undefined, auth, options);
  }

  browser(headers?: Record<string, string>): Browser {
    return new Browser(this.origin, headers);
  }

  /** Where an app sends the browser of a learner. */
  authorizationUrl(client: openid.Configuration, more: Record<string, string> = {}): URL {
    return openid.buildAuthorizationUrl(client, { redirect_uri: CALLBACK, scope: ALL, state: 'state', ...more });
  }

  /** Signs a learner in and gives the page on which they are asked. */
  async asked(browser: Browser, url: URL, user: Pick<User, 'email'>): Promise<Shown> {
    const page = await browser.open(url);
    return browser.submit(page, 'sign-in', { login: user.email, password: PASSWORD });
  }

  /** A learner signs in and allows all that the app asks for; gives where they are sent back to. */
  async allowed(user: Pick<User, 'email'>, client: openid.Configuration, more?: Record<string, string>): Promise<URL> {
    const browser = this.browser();
    const page = await this.asked(browser, this.authorizationUrl(client, more), user);
    return (await browser.submit(page, 'consent')).url;
  }

  /** The tokens of an app that a learner has just connected. */
  async connected(user: Pick<User, 'email'>, client: openid.Configuration, scope = ALL): Promise<Tokens> {
    const verifier = openid.randomPKCECodeVerifier();
    const challenge = await openid.calculatePKCECodeChallenge(verifier);
    const back = await this.allowed(user, client, { scope, code_challenge: challenge, code_challenge_method: 'S256' });
    return this.exchanged(client, back, verifier);
  }

  async exchanged(client: openid.Configuration, back: URL, verifier?: string): Promise<Tokens> {
    const checks = { expectedState: 'state', ...(verifier !== undefined && { pkceCodeVerifier: verifier }) };
    return openid.authorizationCodeGrant(client, back, checks);
  }

  /** Asks with an app's token; gives the status, and the code of the error if it is one. */
  async read({ access_token }: Tokens, path = 'progress/me/courses'): Promise<[number, string | undefined]> {
    return codeOf(await this.test.with(access_token).get(path));
  }

  /** From now on it is so many seconds later, until all mocks are restored. */
  later(seconds: number): void {
    const now = Date.now();
    jest.spyOn(this.test.app.get(Clock), 'now').mockImplementation(() => new Date(now + seconds * 1000));
  }

  stop(): Promise<void> {
    return this.test.stop();
  }
}

export type Tokens = openid.TokenEndpointResponse;

export function refreshed(client: openid.Configuration, { refresh_token }: Tokens): Promise<Tokens> {
  return openid.refreshTokenGrant(client, refresh_token ?? '');
}

/** What a request to the authorization server was refused with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError
      ? error.error
      : String(error);
  }
  return 'none';
}
