import { DataSource } from 'typeorm';
import { Expiry } from '../src/auth/expiry.js';
import { Clock } from '../src/common/clock.js';
import { UsersService } from '../src/users/users.service.js';
import { Accounts, tokensOf } from './accounts.js';
import { codeOf, statusesOf } from './answers.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  let accounts: Accounts;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    accounts = new Accounts(test);
  });
  afterAll(() => test.stop());

  const storedSessions = () => test.app.get(DataSource).query<object[]>('SELECT * FROM sessions');

  describe('refresh tokens', () => {
    /** Does the work as if so many seconds had gone by since a moment, which is now if it is not told. */
    const atSecond = async <T>(seconds: number, work: () => Promise<T>, since = Date.now()) => {
      const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(since + seconds * 1000));
      try {
        return await work();
      } finally {
        clock.mockRestore();
      }
    };

    it('row 30: are exchanged for another pair, and work once', async () => {
      const user = await test.make.learner();
      const first = await accounts.signIn(user.email);
      const second = tokensOf(await accounts.refresh(first.refresh_token));
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect((await test.with(second.access_token).get('auth/me')).statusCode).toBe(200);
      const third = tokensOf(await accounts.refresh(second.refresh_token));
      expect(codeOf(await accounts.refresh(first.refresh_token))).toEqual([401, 'INVALID_TOKEN']);
      expect(codeOf(await accounts.refresh(third.refresh_token))).toEqual([401, 'INVALID_TOKEN']);
    });

    it('row 30: give the same successor again within ten seconds, and one living family to 20 at once', async () => {
      const { refresh_token: first } = await accounts.signIn((await test.make.learner()).email);
      const now = Date.now();
      const answers = await atSecond(
        0,
        () => Promise.all(Array.from({ length: 20 }, () => accounts.refresh(first))),
        now,
      );
      expect(statusesOf(answers)).toEqual(answers.map(() => 200));
      const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token));
      expect(successors.size).toBe(1);
      const [second] = successors;
      expect((await atSecond(9, () => accounts.refresh(first), now)).statusCode).toBe(200);
      expect((await accounts.refresh(second)).statusCode).toBe(200);
    });

    it('row 30: end the whole family when one is used again after that', async () => {
      const { refresh_token: first } = await accounts.signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await accounts.refresh(first));
      expect(codeOf(await atSecond(11, () => accounts.refresh(first)))).toEqual([401, 'INVALID_TOKEN']);
      expect(codeOf(await accounts.refresh(second))).toEqual([401, 'INVALID_TOKEN']);
    });

    it('row 30: end nobody else: a family dies alone', async () => {
      const user = await test.make.learner();
      const [phone, laptop] = [await accounts.signIn(user.email), await accounts.signIn(user.email)];
      const { refresh_token: second } = tokensOf(await accounts.refresh(phone.refresh_token));
      await accounts.refresh(second);
      expect((await accounts.refresh(phone.refresh_token)).statusCode).toBe(401);
      expect((await accounts.refresh(laptop.refresh_token)).statusCode).toBe(200);
    });

    it.each(['', 'x', 'a'.repeat(64), 'a'.repeat(86), 'a'.repeat(512), '🐍', '../../etc', `${'A'.repeat(63)}=`])(
      'that nobody issued are refused: %.20s',
      async (token) => {
        expect(codeOf(await accounts.refresh(token))).toEqual([401, 'INVALID_TOKEN']);
        expect((await test.anonymous.post('auth/logout', { refresh_token: token })).statusCode).toBe(204);
      },
    );

    it('that were made up around the id of a session end nothing', async () => {
      const user = await test.make.learner();
      const { refresh_token } = await accounts.signIn(user.email);
      const real = Buffer.from(refresh_token, 'base64url');
      const forged = Buffer.concat([real.subarray(0, 16), Buffer.alloc(real.length - 16, 7)]).toString('base64url');
      expect((await accounts.refresh(forged)).statusCode).toBe(401);
      expect((await test.anonymous.post('auth/logout', { refresh_token: forged })).statusCode).toBe(204);
      expect((await accounts.refresh(refresh_token)).statusCode).toBe(200);
    });

    it('that are no text are refused', async () => {
      for (const refresh_token of [1, null, ['a'], { a: 1 }, undefined, 'a'.repeat(513)]) {
        expect((await test.anonymous.post('auth/refresh', { refresh_token })).statusCode).toBe(422);
      }
    });

    it('expire after seven days without use', async () => {
      const { refresh_token } = await accounts.signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await atSecond(6.9 * 86_400, () => accounts.refresh(refresh_token)));
      expect((await atSecond(7.1 * 86_400, () => accounts.refresh(second))).statusCode).toBe(200);
      const { refresh_token: other } = await accounts.signIn((await test.make.learner()).email);
      expect((await atSecond(7.1 * 86_400, () => accounts.refresh(other))).statusCode).toBe(401);
    });

    it('that have expired are cleared away by the application itself', async () => {
      await accounts.signIn((await test.make.learner()).email);
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
      const { refresh_token: first } = await accounts.signIn((await test.make.learner()).email);
      const { refresh_token: second } = tokensOf(await accounts.refresh(first));
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
      const { refresh_token: first } = await accounts.signIn(user.email);
      const { refresh_token: second } = tokensOf(await accounts.refresh(first));
      expect((await test.anonymous.post('auth/logout', { refresh_token: second })).statusCode).toBe(204);
      expect((await accounts.refresh(second)).statusCode).toBe(401);
      expect((await test.anonymous.post('auth/logout', { refresh_token: second })).statusCode).toBe(204);
    });

    it('of a disabled user say so, and work again when the account does', async () => {
      const user = await test.make.learner();
      const { refresh_token } = await accounts.signIn(user.email);
      await test.app.get(UsersService).update(user.id, { isActive: false });
      expect(codeOf(await accounts.refresh(refresh_token))).toEqual([403, 'ACCOUNT_DISABLED']);
      await test.app.get(UsersService).update(user.id, { isActive: true });
      expect((await accounts.refresh(refresh_token)).statusCode).toBe(200);
    });
  });
});
