import { UsersService } from '../src/users/users.service.js';
import { account, Accounts, type Tokens } from './accounts.js';
import { codeOf, fieldsOf } from './answers.js';
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
      const answer = await accounts.register(wish);
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
        expect(codeOf(await accounts.login(wish.email))).toEqual([401, 'INVALID_CREDENTIALS']);
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
        expect(codeOf(await accounts.register({ email }))).toEqual([409, 'EMAIL_TAKEN']);
        expect((await accounts.login(email)).statusCode).toBe(200);
      }
      expect(codeOf(await accounts.register({ username: 'kfi' }))).toEqual([409, 'USERNAME_TAKEN']);
      expect((await accounts.login('kFi')).statusCode).toBe(200);
    });

    it('opens one account for an email that is registered many times at once', async () => {
      const email = 'rush@example.com';
      const answers = await Promise.all(Array.from({ length: 10 }, () => accounts.register({ email })));
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
      expect(codeOf(await accounts.login(wish.email, `${'a'.repeat(72)}c`))).toEqual([401, 'INVALID_CREDENTIALS']);
      expect(codeOf(await accounts.login(wish.email, 'a'.repeat(72)))).toEqual([401, 'INVALID_CREDENTIALS']);
      expect((await accounts.login(wish.email, wish.password)).statusCode).toBe(200);
    });

    it('row 33: may be 64 emoji, and not a megabyte', async () => {
      const wish = account({ password: '🐍'.repeat(64) });
      expect((await test.anonymous.post('auth/register', wish)).statusCode).toBe(201);
      expect((await accounts.login(wish.email, wish.password)).statusCode).toBe(200);
      expect((await accounts.login(wish.email, '🐍'.repeat(63))).statusCode).toBe(401);
      expect(codeOf(await accounts.register({ password: 'a'.repeat(1_000_000) }))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      expect((await accounts.login(wish.email, 'a'.repeat(200_000))).statusCode).toBe(401);
    });

    it('are the same however an accent was typed', async () => {
      const wish = account({ password: 'caf\u00e9 au lait' });
      await test.anonymous.post('auth/register', wish);
      expect((await accounts.login(wish.email, 'cafe\u0301 au lait')).statusCode).toBe(200);
    });
  });

  describe('login', () => {
    it('takes the email or the username', async () => {
      const user = await test.make.learner();
      for (const name of [user.email, user.username, user.username.toUpperCase()]) {
        const { access_token } = await accounts.signIn(name);
        expect((await test.with(access_token).get('auth/me')).json()).toMatchObject({ id: user.id });
      }
    });

    it('row 31: answers an unknown account and a wrong password alike', async () => {
      const user = await test.make.learner();
      const answers = [
        await accounts.login(user.email, 'a wrong one'),
        await accounts.login('nobody@example.com'),
        await accounts.login('nobody'),
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
      expect(codeOf(await accounts.login(user.email))).toEqual([403, 'ACCOUNT_DISABLED']);
      expect(codeOf(await accounts.login(user.email, 'a wrong one'))).toEqual([401, 'INVALID_CREDENTIALS']);
    });

    it('does not mind a bad token in its Authorization', async () => {
      const user = await test.make.learner();
      const client = test.with('nonsense');
      expect((await client.post('auth/login', { login: user.email, password: PASSWORD })).statusCode).toBe(200);
      expect((await client.post('auth/logout', { refresh_token: 'x' })).statusCode).toBe(204);
      expect((await client.get('subscriptions/plans')).statusCode).toBe(200);
    });
  });
});
