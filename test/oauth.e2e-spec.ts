import * as openid from 'openid-client';
import { Clock } from '../src/common/clock.js';
import { ConnectionsService } from '../src/connections/connections.service.js';
import { OAuthRecord } from '../src/connections/oauth-record.entity.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { OAuthClients } from '../src/oauth/oauth-clients.service.js';
import type { User } from '../src/users/user.entity.js';
import { UsersService } from '../src/users/users.service.js';
import { CALLBACK, refusalOf, type Tokens, World } from './authorization.js';
import { PASSWORD } from './make.js';
import { onEachDatabase, TEST_SECRET_KEY, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let world: World;
  let learner: User;
  let client: openid.Configuration;
  beforeAll(async () => {
    world = await World.start(kind);
    learner = await world.test.make.learner();
    client = await world.client();
    await world.test.make.course({ id: 'c', chapters: 2 });
  });
  afterAll(() => world.stop());
  afterEach(() => jest.restoreAllMocks());

  const read = async ({ access_token }: Tokens, path = 'progress/me/courses') => {
    const answer = await world.test.with(access_token).get(path);
    return [answer.statusCode, answer.statusCode === 200 ? '' : answer.json<{ error_code: string }>().error_code];
  };
  const refresh = (tokens: Tokens, by = client) => openid.refreshTokenGrant(by, tokens.refresh_token ?? '');
  const later = (seconds: number) => {
    const now = Date.now();
    jest.spyOn(world.test.app.get(Clock), 'now').mockImplementation(() => new Date(now + seconds * 1000));
  };

  describe('an app', () => {
    it('that can keep no secret is connected with PKCE, acts for the learner, and goes on with refresh tokens', async () => {
      const app = await world.client({ isPublic: true });
      const tokens = await world.connected(learner, app);
      expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'learn:read learn:write', expires_in: 1800 });
      expect(await read(tokens)).toEqual([200, '']);
      const done = await world.test.with(tokens.access_token).post('progress/me/courses/c/chapters/c-1');
      expect(done.json()).toMatchObject({ progress: { user_id: learner.id, completed_chapters: ['c-1'] } });
      const next = await refresh(tokens, app);
      expect(next.refresh_token).not.toBe(tokens.refresh_token);
      expect(await read(next)).toEqual([200, '']);
    });

    it('with a secret is connected without PKCE, and may send the secret in the body and as Basic', async () => {
      for (const auth of [openid.ClientSecretPost, openid.ClientSecretBasic]) {
        const app = await world.client({ auth });
        expect(await read(await world.exchanged(app, await world.allowed(learner, app)))).toEqual([200, '']);
      }
    });

    it('is sent its own state and the issuer back, which the library checks', async () => {
      const back = await world.allowed(learner, client, { state: 'of mine & yours' });
      expect(Object.fromEntries(back.searchParams)).toEqual({
        code: expect.any(String) as string,
        state: 'of mine & yours',
        iss: world.origin,
      });
    });

    it('gets no more than it asked for, and no refresh token where it did not ask to go on', async () => {
      const tokens = await world.connected(learner, client, 'learn:read');
      expect(tokens.scope).toBe('learn:read');
      expect(tokens.refresh_token).toBeUndefined();
      expect(await read(tokens)).toEqual([200, '']);
      const answer = await world.test.with(tokens.access_token).post('progress/me/courses/c/chapters/c-2');
      expect(answer.statusCode).toBe(403);
      expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="learn:write"');
    });

    it('that refreshes many times at once gets one successor, and goes on with it', async () => {
      const tokens = await world.connected(learner, client);
      const renewed = await Promise.all(Array.from({ length: 20 }, () => refresh(tokens)));
      expect(new Set(renewed.map(({ refresh_token }) => refresh_token)).size).toBe(1);
      const next = await refresh(renewed[0]);
      expect(next.refresh_token).not.toBe(renewed[0].refresh_token);
      expect(await read(next)).toEqual([200, '']);
    });

    it('that names no scope asks for all', async () => {
      const url = world.authorizationUrl(client);
      url.searchParams.delete('scope');
      const page = await world.asked(world.browser(), url, learner);
      for (const text of ['Read the courses', 'Act for you', 'while you are away']) expect(page.html).toContain(text);
    });

    it('is told where the learner did not allow it', async () => {
      const browser = world.browser();
      const page = await world.asked(browser, world.authorizationUrl(client), learner);
      const { url } = await browser.submit(page, 'cancel');
      expect(url.searchParams.get('error')).toBe('access_denied');
      expect(await refusalOf(world.exchanged(client, url))).toBe('access_denied');
    });

    it('reaches nothing but what tutors need', async () => {
      const tokens = await world.connected(learner, client);
      for (const path of ['auth/me', 'auth/me/export', 'auth/me/connections']) {
        expect([path, ...(await read(tokens, path))]).toEqual([path, 403, 'INSUFFICIENT_PERMISSIONS']);
      }
      const plan = await world.test.with(tokens.access_token).delete('subscriptions/me');
      expect(plan.statusCode).toBe(403);
    });

    it('of an admin reads nobody else', async () => {
      const admin = await world.test.make.admin();
      const tokens = await world.connected(admin, client);
      expect(await read(tokens, `progress/${learner.id}/courses`)).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
      expect(await read(tokens, `progress/${admin.id}/courses`)).toEqual([200, '']);
    });
  });

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
        return refusalOf(refresh({ refresh_token: 'nothing' } as Tokens, app));
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
      expect(await read(tokens)).toEqual([200, '']);
    });

    it('a code that was used, which ends what it had given', async () => {
      const back = await world.allowed(learner, client);
      const tokens = await world.exchanged(client, back);
      expect(await read(tokens)).toEqual([200, '']);
      expect(await refusalOf(world.exchanged(client, back))).toBe('invalid_grant');
      expect(await read(tokens)).toEqual([401, 'INVALID_TOKEN']);
      expect(await refusalOf(refresh(tokens))).toBe('invalid_grant');
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

    it('a refresh token whose successor was used, which ends the connection at once', async () => {
      const tokens = await world.connected(learner, client);
      const next = await refresh(tokens);
      const last = await refresh(next);
      expect(await refusalOf(refresh(tokens))).toBe('invalid_grant');
      expect(await refusalOf(refresh(last))).toBe('invalid_grant');
      expect(await read(last)).toEqual([401, 'INVALID_TOKEN']);
    });

    it('a refresh token that was replaced, which ends the connection, but for ten seconds', async () => {
      const tokens = await world.connected(learner, client);
      const next = await refresh(tokens);
      expect(await read(await refresh(tokens))).toEqual([200, '']);
      later(11);
      expect(await refusalOf(refresh(tokens))).toBe('invalid_grant');
      expect(await refusalOf(refresh(next))).toBe('invalid_grant');
      expect(await read(next)).toEqual([401, 'INVALID_TOKEN']);
    });
  });

  describe('a learner', () => {
    const connectionsOf = async (user: User) =>
      (await world.test.as(user).get('auth/me/connections')).json<{ client_id: string }[]>();

    it('sees which apps are connected, and ends one with every token of it', async () => {
      const user = await world.test.make.learner();
      const app = await world.client();
      const other = await world.client();
      const tokens = await world.connected(user, app);
      const kept = await world.connected(user, other);
      await world.connected(user, app, 'learn:read');
      const { client_id: clientId } = app.clientMetadata();
      const listed = await connectionsOf(user);
      expect(listed).toHaveLength(2);
      expect(listed.find(({ client_id }) => client_id === clientId)).toEqual({
        client_id: clientId,
        name: 'Tutor <b>&',
        scopes: ['learn:read', 'learn:write', 'offline_access'].sort(),
        created_at: expect.any(String) as string,
        last_used_at: expect.any(String) as string,
      });
      expect((await world.test.as(user).delete(`auth/me/connections/${clientId}`)).statusCode).toBe(204);
      expect(await read(tokens)).toEqual([401, 'INVALID_TOKEN']);
      expect(await refusalOf(refresh(tokens, app))).toBe('invalid_grant');
      expect(await read(kept)).toEqual([200, '']);
      expect((await connectionsOf(user)).map(({ client_id }) => client_id)).toEqual([other.clientMetadata().client_id]);
      expect((await world.test.as(user).delete(`auth/me/connections/${clientId}`)).statusCode).toBe(204);
      const document = encodeURIComponent('https://chatgpt.com/app.json');
      expect((await world.test.as(user).delete(`auth/me/connections/${document}`)).statusCode).toBe(204);
    });

    it('is not disconnected by another one', async () => {
      const tokens = await world.connected(learner, client);
      const other = await world.test.make.learner();
      await world.test.as(other).delete(`auth/me/connections/${client.clientMetadata().client_id}`);
      expect(await read(tokens)).toEqual([200, '']);
    });

    it.each<[string, (user: User) => Promise<unknown>, string]>([
      ['changes their password', (user) => changePassword(user), 'INVALID_TOKEN'],
      ['is disabled', (user) => setActive(user, false), 'ACCOUNT_DISABLED'],
      ['is disabled and enabled again', (user) => disableAndEnable(user), 'INVALID_TOKEN'],
      ['is deleted', (user) => world.test.app.get(UsersService).remove(user.id), 'INVALID_TOKEN'],
    ])('who %s has no connected app any more', async (_name, change, code) => {
      const user = await world.test.make.learner();
      const tokens = await world.connected(user, client);
      expect(await read(tokens)).toEqual([200, '']);
      await change(user);
      expect((await read(tokens))[1]).toBe(code);
      expect(await refusalOf(refresh(tokens))).toBe('invalid_grant');
    });

    const setActive = (user: User, isActive: boolean) => world.test.app.get(UsersService).update(user.id, { isActive });
    const disableAndEnable = async (user: User) => {
      await setActive(user, false);
      await setActive(user, true);
    };
    const changePassword = (user: User) =>
      world.test.as(user).post('auth/password', { current_password: PASSWORD, new_password: 'another good password' });

    it.each<[string, (user: User) => Promise<unknown>]>([
      ['changes their password', (user) => changePassword(user)],
      ['is disabled', (user) => setActive(user, false)],
      ['is disabled and enabled again', (user) => disableAndEnable(user)],
      ['is deleted', (user) => world.test.app.get(UsersService).remove(user.id)],
    ])('who %s ends a sign-in that somebody has not gone on from', async (_name, change) => {
      const user = await world.test.make.learner();
      const browser = world.browser();
      const page = await browser.open(world.authorizationUrl(client));
      const returnTo = await browser.answerTo(page, 'sign-in', { login: user.email, password: PASSWORD });
      await change(user);
      const answer = await browser.open(returnTo);
      expect([answer.status, answer.html.includes('<main>')]).toEqual([400, true]);
    });

    it('who revokes through the app ends the connection, and nobody else can', async () => {
      const tokens = await world.connected(learner, client);
      await openid.tokenRevocation(await world.client(), tokens.refresh_token ?? '').catch(() => undefined);
      expect(await read(tokens)).toEqual([200, '']);
      await openid.tokenRevocation(client, tokens.refresh_token ?? '');
      expect(await read(tokens)).toEqual([401, 'INVALID_TOKEN']);
    });
  });

  it('another instance on the same database takes the codes and tokens of the first', async () => {
    const app = await world.client({ isPublic: true });
    const verifier = openid.randomPKCECodeVerifier();
    const challenge = await openid.calculatePKCECodeChallenge(verifier);
    const back = await world.allowed(learner, app, { code_challenge: challenge, code_challenge_method: 'S256' });
    const other = await World.start(kind, { database: world.test.database, settings: { PUBLIC_URL: world.origin } });
    const answer = await other.test.send({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        client_id: app.clientMetadata().client_id,
        code_verifier: verifier,
      }).toString(),
    });
    const tokens = answer.json<Tokens>();
    expect((await other.test.with(tokens.access_token).get('progress/me/courses')).statusCode).toBe(200);
    expect(await read(tokens)).toEqual([200, '']);
    await other.test.app.close();
  });

  it('a new SECRET_KEY before the old one signs nobody out', async () => {
    const tokens = await world.connected(learner, client);
    const keys = `A-new-one-Xx72hLqP9vTz4kWmN8sRbYc1,${TEST_SECRET_KEY}`;
    const rotated = await World.start(kind, {
      database: world.test.database,
      settings: { PUBLIC_URL: world.origin, SECRET_KEY: keys },
    });
    expect((await rotated.test.with(tokens.access_token).get('progress/me/courses')).statusCode).toBe(200);
    await rotated.test.app.close();
  });

  it('keeps no code, token or secret that could be used, and forgets what has expired', async () => {
    const tokens = await world.connected(learner, client);
    const { reader } = world.test.app.get(DatabaseConnection);
    const stored = JSON.stringify([
      await reader.query('SELECT * FROM oauth_records'),
      await reader.query('SELECT * FROM connections'),
    ]);
    expect(stored).not.toContain(tokens.refresh_token);
    expect(stored).not.toContain(client.clientMetadata().client_secret ?? 'no secret');
    later(400 * 86_400);
    await world.test.app.get(ConnectionsService).clearExpired();
    const kinds = await reader.getRepository(OAuthRecord).find({ select: { kind: true } });
    expect(new Set(kinds.map(({ kind: name }) => name))).toEqual(new Set(['Client']));
    expect(await reader.query('SELECT id FROM connections')).toEqual([]);
  });
});

it('says 503 in the shape of the API while the database is away, and tells of itself all the same', async () => {
  const away = await TestApp.on({
    kind: 'postgres',
    url: 'postgres://nobody@127.0.0.1:1/nothing',
    drop: async () => {},
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = 'grant_type=refresh_token&refresh_token=a&client_id=a';
  const answers = [
    await away.get('/oauth/authorize?client_id=a&response_type=code'),
    await away.send({ method: 'POST', url: '/oauth/token', headers: form, payload }),
  ];
  for (const answer of answers) {
    expect([answer.statusCode, answer.json<{ error_code: string }>().error_code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.headers['retry-after']).toBeDefined();
  }
  expect((await away.get('/.well-known/oauth-authorization-server')).statusCode).toBe(200);
  await away.app.close();
});
