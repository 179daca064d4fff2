import * as openid from 'openid-client';
import { OAuthClients } from '../src/oauth/oauth-clients.js';
import type { User } from '../src/users/user.entity.js';
import { CALLBACK, refreshed, refusalOf, type Tokens, World } from './authorization.js';
import { onEachDatabase } from './test-app.js';

onEachDatabase((kind) => {
  let world: World;
  let learner: User;
  let client: openid.Configuration;
  beforeAll(async () => {
    world = await World.start(kind);
    learner = await world.test.make.learner();
    client = await world.client();
  });
  afterAll(() => world.stop());
  afterEach(() => jest.restoreAllMocks());

  describe('is refused', () => {
    it('a public app without PKCE, or with a plain challenge', async () => {
      const app = await world.client({ isPublic: true });
      const withoutPkce = (await world.browser().open(world.authorizationUrl(app))).url;
      expect(withoutPkce.searchParams.get('error')).toBe('invalid_request');
      const plain = { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' };
      const { url } = await world.browser().open(world.authorizationUrl(app, plain));
      expect(url.searchParams.get('error')).toBe('invalid_request');
    });

    it('a code with the wrong verifier', async () => {
      const challenge = await openid.calculatePKCECodeChallenge(openid.randomPKCECodeVerifier());
      const more = { code_challenge: challenge, code_challenge_method: 'S256' };
      const back = await world.allowed(learner, client, more);
      expect(await refusalOf(world.exchanged(client, back, openid.randomPKCECodeVerifier()))).toBe('invalid_grant');
    });

    it('a wrong secret, a secret that was replaced, and an app that was deleted', async () => {
      const clients = world.test.app.get(OAuthClients);
      const { clientId, clientSecret = '' } = await clients.create('App', [CALLBACK], false);
      const tryWith = async (secret: string) => {
        const app = await world.known(clientId, openid.ClientSecretPost(secret));
        return refusalOf(refreshed(app, { refresh_token: 'nothing' } as Tokens));
      };
      expect(await tryWith('wrong')).toBe('invalid_client');
      expect(await tryWith(clientSecret)).toBe('invalid_grant');
      const rotated = await clients.rotateSecret(clientId);
      expect(await tryWith(clientSecret)).toBe('invalid_client');
      expect(await tryWith(rotated?.clientSecret ?? '')).toBe('invalid_grant');
      expect(await clients.delete(clientId)).toBe(true);
      expect(await tryWith(rotated?.clientSecret ?? '')).toBe('invalid_client');
    });

    it('another redirect, with a page and without sending anybody there', async () => {
      const elsewhere = { redirect_uri: 'https://example.org/callback' };
      const page = await world.browser().open(world.authorizationUrl(client, elsewhere));
      expect([page.url.origin, page.status]).toEqual([world.origin, 400]);
      expect(page.html).toContain('invalid_redirect_uri');
      expect(page.headers.get('content-security-policy')).toContain("style-src 'self'");
    });

    it('an app that nobody has registered, with a page', async () => {
      const unknown = await world.browser().open('/oauth/authorize?client_id=nobody&response_type=code');
      expect([unknown.status, unknown.html.includes('invalid_client')]).toEqual([400, true]);
    });

    it('another resource, but not its own with a slash behind it', async () => {
      const { url } = await world.browser().open(world.authorizationUrl(client, { resource: 'https://example.org' }));
      expect(url.searchParams.get('error')).toBe('invalid_target');
      const back = await world.allowed(learner, client, { resource: `${world.origin}/` });
      const tokens = await world.exchanged(client, back);
      expect(JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url').toString())).toMatchObject({
        aud: world.origin,
      });
      expect(await world.read(tokens)).toEqual([200, undefined]);
    });

    it('a code that was used, which ends what it had given', async () => {
      const back = await world.allowed(learner, client);
      const tokens = await world.exchanged(client, back);
      expect(await world.read(tokens)).toEqual([200, undefined]);
      expect(await refusalOf(world.exchanged(client, back))).toBe('invalid_grant');
      expect(await world.read(tokens)).toEqual([401, 'INVALID_TOKEN']);
      expect(await refusalOf(refreshed(client, tokens))).toBe('invalid_grant');
    });

    it('all but one of many who go on from a consent at once', async () => {
      const browser = world.browser();
      const page = await world.asked(browser, world.authorizationUrl(client), learner);
      const returnTo = await browser.answerTo(page, 'consent');
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => browser.fork().open(returnTo)));
      const codes = outcomes.map(({ url }) => url.searchParams.get('code')).filter((code) => code !== null);
      expect(codes).toHaveLength(1);
    });

    it('another port than the one that is registered', async () => {
      const { url, status } = await world
        .browser()
        .open(world.authorizationUrl(client, { redirect_uri: 'http://127.0.0.1:10/callback' }));
      expect([url.origin, status]).toEqual([world.origin, 400]);
    });

    it('all but one of many who exchange a code at once', async () => {
      const back = await world.allowed(learner, client);
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => refusalOf(world.exchanged(client, back))));
      expect(outcomes.filter((outcome) => outcome !== 'invalid_grant').length).toBeLessThanOrEqual(1);
    });

    it('a code of another app', async () => {
      const back = await world.allowed(learner, client);
      expect(await refusalOf(world.exchanged(await world.client(), back))).toBe('invalid_grant');
    });

    it('row 30: a refresh token whose successor was used, which ends the connection at once', async () => {
      const tokens = await world.connected(learner, client);
      const next = await refreshed(client, tokens);
      const last = await refreshed(client, next);
      expect(await refusalOf(refreshed(client, tokens))).toBe('invalid_grant');
      expect(await refusalOf(refreshed(client, last))).toBe('invalid_grant');
      expect(await world.read(last)).toEqual([401, 'INVALID_TOKEN']);
    });

    it('row 30: a refresh token that was replaced, which ends the connection, but for ten seconds', async () => {
      const tokens = await world.connected(learner, client);
      const next = await refreshed(client, tokens);
      expect(await world.read(await refreshed(client, tokens))).toEqual([200, undefined]);
      world.later(11);
      expect(await refusalOf(refreshed(client, tokens))).toBe('invalid_grant');
      expect(await refusalOf(refreshed(client, next))).toBe('invalid_grant');
      expect(await world.read(next)).toEqual([401, 'INVALID_TOKEN']);
    });
  });
});
