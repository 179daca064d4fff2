import * as openid from 'openid-client';
import type { User } from '../src/users/user.entity.js';
import { UsersService } from '../src/users/users.service.js';
import { refreshed, refusalOf, World } from './authorization.js';
import { PASSWORD } from './make.js';
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
      expect(await world.read(tokens)).toEqual([401, 'INVALID_TOKEN']);
      expect(await refusalOf(refreshed(app, tokens))).toBe('invalid_grant');
      expect(await world.read(kept)).toEqual([200, undefined]);
      expect((await connectionsOf(user)).map(({ client_id }) => client_id)).toEqual([other.clientMetadata().client_id]);
      expect((await world.test.as(user).delete(`auth/me/connections/${clientId}`)).statusCode).toBe(204);
      const document = encodeURIComponent('https://chatgpt.com/app.json');
      expect((await world.test.as(user).delete(`auth/me/connections/${document}`)).statusCode).toBe(204);
    });

    it('is not disconnected by another one', async () => {
      const tokens = await world.connected(learner, client);
      const other = await world.test.make.learner();
      await world.test.as(other).delete(`auth/me/connections/${client.clientMetadata().client_id}`);
      expect(await world.read(tokens)).toEqual([200, undefined]);
    });

    it.each<[string, (user: User) => Promise<unknown>, string]>([
      ['changes their password', (user) => changePassword(user), 'INVALID_TOKEN'],
      ['is disabled', (user) => setActive(user, false), 'ACCOUNT_DISABLED'],
      ['is disabled and enabled again', (user) => disableAndEnable(user), 'INVALID_TOKEN'],
      ['is deleted', (user) => world.test.app.get(UsersService).remove(user.id), 'INVALID_TOKEN'],
    ])('who %s has no connected app any more', async (_name, change, code) => {
      const user = await world.test.make.learner();
      const tokens = await world.connected(user, client);
      expect(await world.read(tokens)).toEqual([200, undefined]);
      await change(user);
      expect((await world.read(tokens))[1]).toBe(code);
      expect(await refusalOf(refreshed(client, tokens))).toBe('invalid_grant');
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
      expect(await world.read(tokens)).toEqual([200, undefined]);
      await openid.tokenRevocation(client, tokens.refresh_token ?? '');
      expect(await world.read(tokens)).toEqual([401, 'INVALID_TOKEN']);
    });
  });
});
