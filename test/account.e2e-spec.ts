import { DataSource } from 'typeorm';
import { PasswordResets } from '../src/auth/password-resets.js';
import { Session } from '../src/auth/session.entity.js';
import { Clock } from '../src/common/clock.js';
import { UsersService } from '../src/users/users.service.js';
import { Accounts } from './accounts.js';
import { codeOf, fieldsOf, statusesOf } from './answers.js';
import { PASSWORD } from './make.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  let accounts: Accounts;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    accounts = new Accounts(test);
  });
  afterAll(() => test.stop());

  describe('the account', () => {
    it('row 26: changes its username and time zone, and nothing else', async () => {
      const user = await test.make.learner();
      const me = test.as(user);
      const answer = await me.patch('auth/me', { username: 'Renamed.1', timezone: 'Asia/Tokyo' });
      expect(answer.json()).toMatchObject({
        id: user.id,
        username: 'Renamed.1',
        timezone: 'Asia/Tokyo',
        role: 'learner',
      });
      expect((await me.patch('auth/me', {})).json()).toEqual(answer.json());
      expect((await me.patch('auth/me', { username: 'rENAMED.1' })).json()).toMatchObject({ username: 'rENAMED.1' });
      for (const [field, value] of Object.entries({
        role: 'admin',
        is_active: false,
        email: 'x@y.zz',
        username: null,
      })) {
        const refused = await me.patch('auth/me', { [field]: value });
        expect([refused.statusCode, fieldsOf(refused)[0]]).toEqual([422, field]);
      }
      expect((await me.get('auth/me')).json()).toMatchObject({ role: 'learner', email: user.email, is_active: true });
    });

    it('may be told with every change whose account it is', async () => {
      const user = await test.make.learner();
      const renamed = await test.as(user).patch('auth/me', { username: `${user.username}-2`, user_id: 'me' });
      expect(renamed.json()).toMatchObject({ id: user.id, username: `${user.username}-2` });
      const passwords = { current_password: PASSWORD, new_password: 'another good one' };
      const changed = await test.as(user).post('auth/password', { ...passwords, user_id: user.id });
      expect(changed.statusCode).toBe(204);
      const again = test.as({ ...user, tokenVersion: 1 });
      expect((await again.delete('auth/me', { password: 'another good one', user_id: 'me' })).statusCode).toBe(204);
    });

    it('wants a body for a change, be it an empty object', async () => {
      const me = test.as(await test.make.learner());
      const refused = await me.patch('auth/me');
      expect([refused.statusCode, fieldsOf(refused)]).toEqual([422, ['body']]);
    });

    it('cannot take a name that somebody has', async () => {
      const [one, other] = [await test.make.learner(), await test.make.learner()];
      const answer = await test.as(one).patch('auth/me', { username: other.username.toUpperCase() });
      expect(codeOf(answer)).toEqual([409, 'USERNAME_TAKEN']);
    });

    it('changes its password with the old one, which ends every session and access token', async () => {
      const user = await test.make.learner();
      const [one, other] = [await accounts.signIn(user.email), await accounts.signIn(user.email)];
      const me = test.with(one.access_token);
      const change = (current_password: string) =>
        me.post('auth/password', { current_password, new_password: 'another good one' });
      expect(codeOf(await change('a wrong one'))).toEqual([403, 'WRONG_PASSWORD']);
      expect((await accounts.refresh(other.refresh_token)).statusCode).toBe(200);
      expect((await change(PASSWORD)).statusCode).toBe(204);
      for (const { access_token, refresh_token } of [one, other]) {
        expect(codeOf(await test.with(access_token).get('auth/me'))).toEqual([401, 'INVALID_TOKEN']);
        expect(codeOf(await accounts.refresh(refresh_token))).toEqual([401, 'INVALID_TOKEN']);
      }
      expect((await accounts.login(user.email)).statusCode).toBe(401);
      expect((await accounts.login(user.email, 'another good one')).statusCode).toBe(200);
    });

    it('has one password after many changes at once, and every loser is told', async () => {
      const user = await test.make.learner();
      const me = test.as(user);
      const wishes = Array.from({ length: 5 }, (_, index) => `the new password ${index}`);
      const answers = await Promise.all(
        wishes.map((new_password) => me.post('auth/password', { current_password: PASSWORD, new_password })),
      );
      expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
      const winner = wishes[answers.findIndex(({ statusCode }) => statusCode === 204)];
      expect((await accounts.login(user.email, winner)).statusCode).toBe(200);
      for (const answer of answers) expect([204, 401, 403, 409]).toContain(answer.statusCode);
    });

    it('uses a one-time token once, also when another request is between reading it and its user', async () => {
      const user = await test.make.learner();
      const token = await test.app.get(PasswordResets).offer(user.id);
      const reset = () => test.anonymous.post('auth/password/reset', { token, new_password: 'set by the token' });
      const users = test.app.get(UsersService);
      const find = users.find.bind(users);
      const delayed = jest.spyOn(users, 'find').mockImplementationOnce(async (id) => {
        expect((await reset()).statusCode).toBe(204);
        return find(id);
      });
      expect(codeOf(await reset())).toEqual([401, 'INVALID_TOKEN']);
      delayed.mockRestore();
    });

    it('is given a new password with a one-time token', async () => {
      const user = await test.make.learner();
      const { refresh_token, access_token } = await accounts.signIn(user.email);
      const resets = test.app.get(PasswordResets);
      const old = await resets.offer(user.id);
      const token = await resets.offer(user.id);
      const reset = (text: string, new_password = 'set by the token') =>
        test.anonymous.post('auth/password/reset', { token: text, new_password });
      for (const bad of [old, 'nonsense', '', `${token}x`]) {
        expect(codeOf(await reset(bad))).toEqual([401, 'INVALID_TOKEN']);
      }
      expect((await reset(token, 'short')).statusCode).toBe(422);
      const answers = await Promise.all([reset(token), reset(token), reset(token)]);
      expect(statusesOf(answers).sort()).toEqual([204, 401, 401]);
      expect(codeOf(await reset(token))).toEqual([401, 'INVALID_TOKEN']);
      expect((await accounts.login(user.email, 'set by the token')).statusCode).toBe(200);
      expect((await accounts.refresh(refresh_token)).statusCode).toBe(401);
      expect((await test.with(access_token).get('auth/me')).statusCode).toBe(401);
    });

    it('cannot be reset with a token that is older than an hour', async () => {
      const token = await test.app.get(PasswordResets).offer((await test.make.learner()).id);
      const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 3601_000));
      const answer = await test.anonymous.post('auth/password/reset', { token, new_password: 'too late for it' });
      clock.mockRestore();
      expect(codeOf(answer)).toEqual([401, 'INVALID_TOKEN']);
    });

    it('hands out all that is stored of it, and no secret', async () => {
      const user = await test.make.subscriber('pro');
      const course = await test.make.course();
      await test.make.completion(user, course.chapters[0].id, course.course.id);
      await accounts.signIn(user.email);
      const answer = await test.as(user).get('auth/me/export');
      expect(answer.json()).toMatchObject({
        user: { id: user.id, email: user.email },
        records: {
          subscriptions: [{ plan_type: 'pro', is_active: true }],
          chapter_completions: [{ chapter_id: course.chapters[0].id }],
          sessions: [{ token_version: 0 }],
          quiz_attempts: [],
        },
      });
      expect(answer.body).not.toMatch(/hash|\$2b\$/);
    });

    it('deletes itself with its password, and leaves no row', async () => {
      const user = await test.make.subscriber();
      const course = await test.make.course({ quizzes: [{}] });
      await test.make.completion(user, course.chapters[0].id, course.course.id);
      await test.make.attempt(user, course.quizzes[0].id);
      const { refresh_token, access_token } = await accounts.signIn(user.email);
      const me = test.with(access_token);
      expect(codeOf(await me.delete('auth/me', { password: 'a wrong one' }))).toEqual([403, 'WRONG_PASSWORD']);
      expect((await me.delete('auth/me', {})).statusCode).toBe(422);
      expect((await me.delete('auth/me', { password: PASSWORD })).statusCode).toBe(204);
      expect(codeOf(await me.get('auth/me'))).toEqual([401, 'INVALID_TOKEN']);
      expect((await accounts.refresh(refresh_token)).statusCode).toBe(401);
      expect(codeOf(await accounts.login(user.email))).toEqual([401, 'INVALID_CREDENTIALS']);
      const dataSource = test.app.get(DataSource);
      for (const { target, propertiesMap } of dataSource.entityMetadatas) {
        if ('userId' in propertiesMap) {
          expect([target, await dataSource.getRepository(target).countBy({ userId: user.id })]).toEqual([target, 0]);
        }
      }
      expect(await dataSource.getRepository(Session).countBy({ userId: user.id })).toBe(0);
      expect((await accounts.register({ email: user.email, username: user.username })).statusCode).toBe(201);
    });
  });
});
