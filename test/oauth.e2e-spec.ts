import * as openid from 'openid-client';
import { ConnectionsService } from '../src/connections/connections.service.js';
import { OAuthRecord } from '../src/connections/oauth-record.entity.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import type { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { CALLBACK, refreshed, refusalOf, type Tokens, World } from './authorization.js';
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

  describe('an app', () => {
    it('that can keep no secret is connected with PKCE, acts for the learner, and goes on with refresh tokens', async () => {
      const app = await world.client({ isPublic: true });
      const tokens = await world.connected(learner, app);
      expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'learn:read learn:write', expires_in: 1800 });
      expect(await world.read(tokens)).toEqual([200, undefined]);
      const done = await world.test.with(tokens.access_token).post('progress/me/courses/c/chapters/c-1');
      expect(done.json()).toMatchObject({ progress: { user_id: learner.id, completed_chapters: ['c-1'] } });
      const next = await refreshed(app, tokens);
      expect(next.refresh_token).not.toBe(tokens.refresh_token);
      expect(await world.read(next)).toEqual([200, undefined]);
    });

    it('with a secret is connected without PKCE, and may send the secret in the body and as Basic', async () => {
      for (const auth of [openid.ClientSecretPost, openid.ClientSecretBasic]) {
        const app = await world.client({ auth });
        expect(await world.read(await world.exchanged(app, await world.allowed(learner, app)))).toEqual([
          200,
          undefined,
        ]);
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
      expect(await world.read(tokens)).toEqual([200, undefined]);
      const answer = await world.test.with(tokens.access_token).post('progress/me/courses/c/chapters/c-2');
      expect(answer.statusCode).toBe(403);
      expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="learn:write"');
    });

    it('row 30: that refreshes many times at once gets one successor, and goes on with it', async () => {
      const tokens = await world.connected(learner, client);
      const renewed = await Promise.all(Array.from({ length: 20 }, () => refreshed(client, tokens)));
      expect(new Set(renewed.map(({ refresh_token }) => refresh_token)).size).toBe(1);
      const next = await refreshed(client, renewed[0]);
      expect(next.refresh_token).not.toBe(renewed[0].refresh_token);
      expect(await world.read(next)).toEqual([200, undefined]);
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
        expect([path, ...(await world.read(tokens, path))]).toEqual([path, 403, 'INSUFFICIENT_PERMISSIONS']);
      }
      const plan = await world.test.with(tokens.access_token).delete('subscriptions/me');
      expect(plan.statusCode).toBe(403);
    });

    it('of an admin reads nobody else', async () => {
      const admin = await world.test.make.admin();
      const tokens = await world.connected(admin, client);
      expect(await world.read(tokens, `progress/${learner.id}/courses`)).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
      expect(await world.read(tokens, `progress/${admin.id}/courses`)).toEqual([200, undefined]);
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
    expect(await world.read(tokens)).toEqual([200, undefined]);
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
    world.later(400 * 86_400);
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
    expect(codeOf(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.headers['retry-after']).toBeDefined();
  }
  expect((await away.get('/.well-known/oauth-authorization-server')).statusCode).toBe(200);
  await away.app.close();
});
