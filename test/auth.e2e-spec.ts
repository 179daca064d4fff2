import type { Response } from 'light-my-request';
import { DataSource } from 'typeorm';
import { Clock } from '../src/common/clock.js';
import { Expiry } from '../src/auth/expiry.js';
import { PasswordResets } from '../src/auth/password-resets.js';
import { Session } from '../src/auth/session.entity.js';
import { UsersService } from '../src/users/users.service.js';
import { PASSWORD } from './make.js';
import { onEachDatabase, TestApp } from './test-app.js';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

let accounts = 0;
const account = (wish: object = {}) => {
  const name = `account-${++accounts}`;
  return { email: `${name}@example.com`, username: name, password: PASSWORD, ...wish };
};
const codeOf = (answer: Response) => [answer.statusCode, answer.json<{ error_code?: string }>().error_code];
const fieldsOf = (answer: Response) => answer.json<{ errors: { field: string }[] }>().errors.map(({ field }) => field);

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
  });
  afterAll(() => test.stop());

  const register = (wish?: object) => test.anonymous.post('auth/register', account(wish));
  const login = (name: string, password = PASSWORD) => test.anonymous.post('auth/login', { login: name, password });
  const refresh = (token: string) => test.anonymous.post('auth/refresh', { refresh_token: token });
  const tokensOf = (answer: Response) => answer.json<Tokens>();
  const signIn = async (name: string) => tokensOf(await login(name));
  const storedSessions = () => test.app.get(DataSource).query<object[]>('SELECT * FROM sessions');

  describe('registration', () => {
    it('opens an account, signs the learner in and shows nothing of the password', async () => {
      const wish = account({ timezone: 'Europe/Berlin' });
      const answer = await test.anonymous.post('auth/register', wish);
      expect(answer.statusCode).toBe(201);
      expect(answer.headers['cache-control']).toBe('private, no-store');
      const { user, access_token, ...rest } = answer.json<Tokens & { user: { id: string } }>();
      expect(rest).toEqual({
        refresh_token: expect.stringMatching(/^[\w-]{43,}$/) as string,
        token_type: 'bearer',
        expires_in: 1800,
      });
      expect(user).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        email: wish.email,
        username: wish.username,
        role: 'learner',
        timezone: 'Europe/Berlin',
        is_active: true,
        created_at: expect.any(String) as string,
        updated_at: expect.any(String) as string,
      });
      expect((await test.with(access_token).get('auth/me')).json()).toEqual(user);
    });

    it.each([
      [{ email: 'nonsense' }, 'email'],
      [{ email: '"quoted"@example.com' }, 'email'],
      [{ email: undefined }, 'email'],
      [{ email: `${'a'.repeat(60)}@${'b.'.repeat(120)}example` }, 'email'],
      [{ email: 1 }, 'email'],
      [{ username: 'a' }, 'username'],
      [{ username: '\u212Aelvin' }, 'username'],
      [{ username: null }, 'username'],
      [{ password: '1234567' }, 'password'],
      [{ password: 'a'.repeat(129) }, 'password'],
      [{ password: 'Password1' }, 'password'],
      [{ password: 12345678 }, 'password'],
      [{ timezone: 'Mars/Olympus' }, 'timezone'],
      [{ timezone: '+01:00' }, 'timezone'],
      [{ timezone: null }, 'timezone'],
    ])('refuses %j and names the field', async (wish, field) => {
      const answer = await register(wish);
      expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
      expect(fieldsOf(answer)[0]).toBe(field);
    });

    it('row 26: lets nobody give themselves a role, a plan or an id', async () => {
      for (const [field, value] of Object.entries({
        role: 'admin',
        is_active: true,
        id: 'x',
        plan_type: 'pro',
        user_id: 'x',
      })) {
        const wish = account({ [field]: value });
        expect(fieldsOf(await test.anonymous.post('auth/register', wish))).toEqual([field]);
        expect(codeOf(await login(wish.email))).toEqual([401, 'INVALID_CREDENTIALS']);
      }
      for (const body of [[], ['a'], 'text', 1]) {
        const answer = await test.send({
          method: 'POST',
          url: '/api/v1/auth/register',
          headers: { 'content-type': 'application/json' },
          payload: JSON.stringify(body),
        });
        expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
      }
    });

    it('row 38: knows an email and a username in every disguise', async () => {
      const one = account({ email: 'kfi-istanbul@Example.com', username: 'KFI' });
      expect((await test.anonymous.post('auth/register', one)).statusCode).toBe(201);
      for (const email of ['KFI-ISTANBUL@example.COM', '\u212Aﬁ-istanbul@example.com', 'kﬁ-İstanbul@example.com']) {
        expect(codeOf(await register({ email }))).toEqual([409, 'EMAIL_TAKEN']);
        expect((await login(email)).statusCode).toBe(200);
      }
      expect(codeOf(await register({ username: 'kfi' }))).toEqual([409, 'USERNAME_TAKEN']);
      expect((await login('kFi')).statusCode).toBe(200);
    });

    it('opens one account for an email that is registered many times at once', async () => {
      const email = 'rush@example.com';
      const answers = await Promise.all(Array.from({ length: 10 }, () => register({ email })));
      expect(answers.map(codeOf).sort()).toEqual([
        [201, undefined],
        ...Array.from({ length: 9 }, () => [409, 'EMAIL_TAKEN']),
      ]);
    });
  });

  describe('passwords', () => {
    it('row 33: are told apart beyond the 72 bytes that bcrypt reads', async () => {
      const wish = account({ password: `${'a'.repeat(72)}b` });
      await test.anonymous.post('auth/register', wish);
      expect(codeOf(await login(wish.email, `${'a'.repeat(72)}c`))).toEqual([401, 'INVALID_CREDENTIALS']);
      expect(codeOf(await login(wish.email, 'a'.repeat(72)))).toEqual([401, 'INVALID_CREDENTIALS']);
      expect((await login(wish.email, wish.password)).statusCode).toBe(200);
    });

    it('row 33: may be 64 emoji, and not a megabyte', async () => {
      const wish = account({ password: '🐍'.repeat(64) });
      expect((await test.anonymous.post('auth/register', wish)).statusCode).toBe(201);
      expect((await login(wish.email, wish.password)).statusCode).toBe(200);
      expect((await login(wish.email, '🐍'.repeat(63))).statusCode).toBe(401);
      expect(codeOf(await register({ password: 'a'.repeat(1_000_000) }))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      expect((await login(wish.email, 'a'.repeat(200_000))).statusCode).toBe(401);
    });

    it('are the same however an accent was typed', async () => {
      const wish = account({ password: 'caf\u00e9 au lait' });
      await test.anonymous.post('auth/register', wish);
      expect((await login(wish.email, 'cafe\u0301 au lait')).statusCode).toBe(200);
    });
  });

  describe('login', () => {
    it('takes the email or the username', async () => {
      const user = await test.make.learner();
      for (const name of [user.email, user.username, user.username.toUpperCase()]) {
        const { access_token } = await signIn(name);
        expect((await test.with(access_token).get('auth/me')).json()).toMatchObject({ id: user.id });
      }
    });

    it('row 31: answers an unknown account and a wrong password alike', async () => {
      const user = await test.make.learner();
      const answers = [
        await login(user.email, 'a wrong one'),
        await login('nobody@example.com'),
        await login('nobody'),
      ];
      for (const answer of answers) {
        expect(codeOf(answer)).toEqual([401, 'INVALID_CREDENTIALS']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
        expect(answer.json<{ detail: string }>().detail).toBe('The login or the password is wrong');
      }
    });

    it('tells of a disabled account only who knows its password', async () => {
      const user = await test.make.learner();
      await test.app.get(UsersService).update(user.id, { isActive: false });
      expect(codeOf(await login(user.email))).toEqual([403, 'ACCOUNT_DISABLED']);
      expect(codeOf(await login(user.email, 'a wrong one'))).toEqual([401, 'INVALID_CREDENTIALS']);
    });

    it('does not mind a bad token in its Authorization', async () => {
      const user = await test.make.learner();
      const client = test.with('nonsense');
      expect((await client.post('auth/login', { login: user.email, password: PASSWORD })).statusCode).toBe(200);
      expect((await client.post('auth/logout', { refresh_token: 'x' })).statusCode).toBe(204);
      expect((await client.get('subscriptions/plans')).statusCode).toBe(200);
    });
  });

  describe('refresh tokens', () => {
    const atSecond = async (seconds: number, work: () => Promise<Response>) => {
      const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + seconds * 1000));
      try {
        return await work();
      } finally {
        clock.mockRestore();
      }
    };

    it('are exchanged for another pair, and work once', async () => {
      const user = await test.make.learner();
      const first = await signIn(user.email);
      const second = tokensOf(await refresh(first.refresh_token));
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect((await test.with(second.access_token).get('auth/me')).statusCode).toBe(200);
      const third = tokensOf(await refresh(second.refresh_token));
      expect(codeOf(await refresh(first.refresh_token))).toEqual([401, 'INVALID_TOKEN']);
      expect(codeOf(await refresh(third.refresh_token))).toEqual([401, 'INVALID_TOKEN']);
    });

    it('row 30: give the same successor again within ten seconds, and one living family to 20 at once', async () => {
      const { refresh_token: first } = await signIn((await test.make.learner()).email);
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first)));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
      const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token));
      expect(successors.size).toBe(1);
      const [second] = successors;
      expect((await atSecond(9, () => refresh(first))).statusCode).toBe(200);
      expect((await refresh(second)).statusCode).toBe(200);
    });

    it('row 30: end the whole family when one is used again after that', async () => {
      const { refresh_token: first } = await signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await refresh(first));
      expect(codeOf(await atSecond(11, () => refresh(first)))).toEqual([401, 'INVALID_TOKEN']);
      expect(codeOf(await refresh(second))).toEqual([401, 'INVALID_TOKEN']);
    });

    it('end nobody else: a family dies alone', async () => {
      const user = await test.make.learner();
      const [phone, laptop] = [await signIn(user.email), await signIn(user.email)];
      const { refresh_token: second } = tokensOf(await refresh(phone.refresh_token));
      await refresh(second);
      expect((await refresh(phone.refresh_token)).statusCode).toBe(401);
      expect((await refresh(laptop.refresh_token)).statusCode).toBe(200);
    });

    it.each(['', 'x', 'a'.repeat(64), 'a'.repeat(86), 'a'.repeat(512), '🐍', '../../etc', `${'A'.repeat(63)}=`])(
      'that nobody issued are refused: %.20s',
      async (token) => {
        expect(codeOf(await refresh(token))).toEqual([401, 'INVALID_TOKEN']);
        expect((await test.anonymous.post('auth/logout', { refresh_token: token })).statusCode).toBe(204);
      },
    );

    it('that were made up around the id of a session end nothing', async () => {
      const user = await test.make.learner();
      const { refresh_token } = await signIn(user.email);
      const real = Buffer.from(refresh_token, 'base64url');
      const forged = Buffer.concat([real.subarray(0, 16), Buffer.alloc(real.length - 16, 7)]).toString('base64url');
      expect((await refresh(forged)).statusCode).toBe(401);
      expect((await test.anonymous.post('auth/logout', { refresh_token: forged })).statusCode).toBe(204);
      expect((await refresh(refresh_token)).statusCode).toBe(200);
    });

    it('that are no text are refused', async () => {
      for (const refresh_token of [1, null, ['a'], { a: 1 }, undefined, 'a'.repeat(513)]) {
        expect((await test.anonymous.post('auth/refresh', { refresh_token })).statusCode).toBe(422);
      }
    });

    it('expire after seven days without use', async () => {
      const { refresh_token } = await signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await atSecond(6.9 * 86_400, () => refresh(refresh_token)));
      expect((await atSecond(7.1 * 86_400, () => refresh(second))).statusCode).toBe(200);
      const { refresh_token: other } = await signIn((await test.make.learner()).email);
      expect((await atSecond(7.1 * 86_400, () => refresh(other))).statusCode).toBe(401);
    });

    it('that have expired are cleared away by the application itself', async () => {
      await signIn((await test.make.learner()).email);
      const count = async () => (await storedSessions()).length;
      const before = await count();
      await test.app.get(Expiry).clear();
      expect(await count()).toBe(before);
      const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 30 * 86_400_000));
      await test.app.get(Expiry).clear();
      clock.mockRestore();
      expect(await count()).toBe(0);
    });

    it('row 30: are stored as hashes alone', async () => {
      const { refresh_token: first } = await signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await refresh(first));
      const stored = JSON.stringify(await storedSessions());
      for (const token of [first, second]) {
        const secret = Buffer.from(token, 'base64url').subarray(16, 48);
        for (const form of [token, secret.toString('base64url'), secret.toString('hex'), secret.toString('base64')]) {
          expect(stored).not.toContain(form);
        }
      }
    });

    it('end with the logout, the successor too', async () => {
      const user = await test.make.learner();
      const { refresh_token: first } = await signIn(user.email);
      const { refresh_token: second } = tokensOf(await refresh(first));
      expect((await test.anonymous.post('auth/logout', { refresh_token: second })).statusCode).toBe(204);
      expect((await refresh(second)).statusCode).toBe(401);
      expect((await test.anonymous.post('auth/logout', { refresh_token: second })).statusCode).toBe(204);
    });

    it('of a disabled user say so, and work again when the account does', async () => {
      const user = await test.make.learner();
      const { refresh_token } = await signIn(user.email);
      await test.app.get(UsersService).update(user.id, { isActive: false });
      expect(codeOf(await refresh(refresh_token))).toEqual([403, 'ACCOUNT_DISABLED']);
      await test.app.get(UsersService).update(user.id, { isActive: true });
      expect((await refresh(refresh_token)).statusCode).toBe(200);
    });
  });

  describe('the account', () => {
    it('changes its username and time zone, and nothing else', async () => {
      const user = await test.make.learner();
      const me = test.as(user);
      const answer = await me.patch('auth/me', { username: 'Renamed.1', timezone: 'Asia/Tokyo' });
      expect(answer.json()).toMatchObject({
        id: user.id,
        username: 'Renamed.1',
        timezone: 'Asia/Tokyo',
        role: 'learner',
      });
      expect((await me.patch('auth/me', {})).json()).toMatchObject({ username: 'Renamed.1' });
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

    it('cannot take a name that somebody has', async () => {
      const [one, other] = [await test.make.learner(), await test.make.learner()];
      const answer = await test.as(one).patch('auth/me', { username: other.username.toUpperCase() });
      expect(codeOf(answer)).toEqual([409, 'USERNAME_TAKEN']);
    });

    it('changes its password with the old one, which ends every session and access token', async () => {
      const user = await test.make.learner();
      const [one, other] = [await signIn(user.email), await signIn(user.email)];
      const me = test.with(one.access_token);
      const change = (current_password: string) =>
        me.post('auth/password', { current_password, new_password: 'another good one' });
      expect(codeOf(await change('a wrong one'))).toEqual([403, 'WRONG_PASSWORD']);
      expect((await refresh(other.refresh_token)).statusCode).toBe(200);
      expect((await change(PASSWORD)).statusCode).toBe(204);
      for (const { access_token, refresh_token } of [one, other]) {
        expect(codeOf(await test.with(access_token).get('auth/me'))).toEqual([401, 'INVALID_TOKEN']);
        expect(codeOf(await refresh(refresh_token))).toEqual([401, 'INVALID_TOKEN']);
      }
      expect((await login(user.email)).statusCode).toBe(401);
      expect((await login(user.email, 'another good one')).statusCode).toBe(200);
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
      expect((await login(user.email, winner)).statusCode).toBe(200);
      for (const answer of answers) expect([204, 401, 403, 409]).toContain(answer.statusCode);
    });

    it('is given a new password with a one-time token', async () => {
      const user = await test.make.learner();
      const { refresh_token, access_token } = await signIn(user.email);
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
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 401, 401]);
      expect(codeOf(await reset(token))).toEqual([401, 'INVALID_TOKEN']);
      expect((await login(user.email, 'set by the token')).statusCode).toBe(200);
      expect((await refresh(refresh_token)).statusCode).toBe(401);
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
      await signIn(user.email);
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
      const { refresh_token, access_token } = await signIn(user.email);
      const me = test.with(access_token);
      expect(codeOf(await me.delete('auth/me', { password: 'a wrong one' }))).toEqual([403, 'WRONG_PASSWORD']);
      expect((await me.delete('auth/me', {})).statusCode).toBe(422);
      expect((await me.delete('auth/me', { password: PASSWORD })).statusCode).toBe(204);
      expect(codeOf(await me.get('auth/me'))).toEqual([401, 'INVALID_TOKEN']);
      expect((await refresh(refresh_token)).statusCode).toBe(401);
      expect(codeOf(await login(user.email))).toEqual([401, 'INVALID_CREDENTIALS']);
      const dataSource = test.app.get(DataSource);
      for (const { target, propertiesMap } of dataSource.entityMetadatas) {
        if ('userId' in propertiesMap) {
          expect([target, await dataSource.getRepository(target).countBy({ userId: user.id })]).toEqual([target, 0]);
        }
      }
      expect(await dataSource.getRepository(Session).countBy({ userId: user.id })).toBe(0);
      expect((await register({ email: user.email, username: user.username })).statusCode).toBe(201);
    });
  });
});
