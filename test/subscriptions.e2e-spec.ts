import { DataSource } from 'typeorm';
import { Clock } from '../src/common/clock.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { Subscription } from '../src/subscriptions/subscription.entity.js';
import type { User } from '../src/users/user.entity.js';
import { codeOf, fieldsOf } from './answers.js';
import { until } from './eventually.js';
import { onEachDatabase, TestApp } from './test-app.js';

const FREE = { plan_type: 'free', is_premium: false, expires_at: null, features: [] };
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

onEachDatabase((kind) => {
  let test: TestApp;
  let admin: User;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    admin = await test.make.admin();
    await test.make.course({ id: 'c', chapters: [{}, { isPremium: true }] });
  });
  afterAll(() => test.stop());

  const give = (user: User, body: object) => test.as(admin).put(`subscriptions/${user.id}`, body);
  const accessOf = async (user: User) => (await test.as(user).get('subscriptions/me/access')).json<object>();
  const activeRows = (user: User) =>
    test.app.get(DataSource).getRepository(Subscription).countBy({ userId: user.id, isActive: true });

  it('lists the plans for everyone', async () => {
    const plans = (await test.anonymous.get('subscriptions/plans')).json<object[]>();
    expect(plans).toMatchObject([
      { plan_type: 'free', price: 0, features: [] },
      { plan_type: 'premium', price: 9.99, features: ['content.premium', 'quizzes.premium', 'hybrid'] },
      { plan_type: 'pro', price: 19.99, features: ['content.premium', 'quizzes.premium', 'hybrid', 'quota.x3'] },
      { plan_type: 'team', price: 49.99, features: ['content.premium', 'quizzes.premium', 'hybrid', 'quota.x3'] },
    ]);
  });

  it('knows who has none as free', async () => {
    const user = await test.make.learner();
    const subscription = (await test.as(user).get('subscriptions/me')).json<object>();
    expect(subscription).toMatchObject({
      id: null,
      user_id: user.id,
      plan_type: 'free',
      end_date: null,
      is_active: true,
    });
    expect(await accessOf(user)).toEqual(FREE);
  });

  it.each(['premium', 'pro', 'team'])('opens premium chapters to who has %s', async (plan_type) => {
    const user = await test.make.learner();
    expect((await test.as(user).get('chapters/c-2')).statusCode).toBe(403);
    const answer = await give(user, { plan_type });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      id: expect.any(Number) as number,
      user_id: user.id,
      plan_type,
      end_date: null,
    });
    expect(await accessOf(user)).toMatchObject({ plan_type, is_premium: true, expires_at: null });
    const chapter = await test.as(user).get('chapters/c-2');
    expect(chapter.json()).toMatchObject({ locked: false, content: 'The text of chapter 2.\n' });
    expect(chapter.headers['cache-control']).toBe('private, no-store');
    expect(chapter.headers.etag).toBeUndefined();
    const list = await test.as(user).get('courses/c/chapters');
    expect(list.headers['cache-control']).toBe('private, no-store');
    expect(list.json<{ locked: boolean }[]>().map(({ locked }) => locked)).toEqual([false, false]);
  });

  it('row 41: lets free text be cached, privately where a token was sent', async () => {
    const user = await test.make.learner();
    for (const path of ['chapters/c-1', 'courses/c', 'courses/c/chapters', 'chapters/c-1/next']) {
      const { headers } = await test.as(user).get(path);
      expect([path, headers['cache-control']]).toEqual([path, 'private, max-age=60']);
      expect(headers.vary).toContain('Authorization');
    }
    for (const path of ['auth/me', 'subscriptions/me', 'subscriptions/me/access', 'auth/me/export']) {
      const { headers } = await test.as(user).get(path);
      expect([path, headers['cache-control'], headers.etag]).toEqual([path, 'private, no-store', undefined]);
    }
  });

  it('row 41: gives no 304 for a text that is not open to the asker', async () => {
    const user = await test.make.learner();
    const locked = await test.anonymous.get('chapters/c-1/next');
    const held = test.as(user).header('if-none-match', String(locked.headers.etag));
    expect((await held.get('chapters/c-1/next')).statusCode).toBe(304);
    await give(user, { plan_type: 'premium' });
    const open = await held.get('chapters/c-1/next');
    expect([open.statusCode, open.json<{ locked: boolean }>().locked]).toEqual([200, false]);
  });

  it('is free at once when a plan is past its end', async () => {
    const user = await test.make.learner();
    const end_date = inSeconds(3600);
    expect((await give(user, { plan_type: 'premium', end_date })).json()).toMatchObject({ end_date });
    expect(await accessOf(user)).toMatchObject({ is_premium: true, expires_at: end_date });
    const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 3601_000));
    expect(await accessOf(user)).toEqual(FREE);
    expect((await test.as(user).get('chapters/c-2')).statusCode).toBe(403);
    expect((await test.as(user).get('subscriptions/me')).json()).toMatchObject({ plan_type: 'free', is_active: true });
    clock.mockRestore();
  });

  it('keeps a cancelled plan until its end, and ends one without an end', async () => {
    const user = await test.make.learner();
    await give(user, { plan_type: 'pro', end_date: inSeconds(3600) });
    expect((await test.as(user).delete('subscriptions/me')).statusCode).toBe(204);
    expect((await test.as(user).get('subscriptions/me')).json()).toMatchObject({
      plan_type: 'pro',
      is_active: true,
      cancelled_at: expect.any(String) as string,
    });
    await give(user, { plan_type: 'pro' });
    expect((await test.as(user).get('subscriptions/me')).json()).toMatchObject({ cancelled_at: null, end_date: null });
    expect((await test.as(admin).delete(`subscriptions/${user.id}`)).statusCode).toBe(204);
    expect(await accessOf(user)).toEqual(FREE);
    expect((await test.as(user).delete('subscriptions/me')).statusCode).toBe(204);
  });

  if (kind === 'postgres') {
    it('keeps the end that an admin gives a plan while it is cancelled', async () => {
      const user = await test.make.subscriber();
      const endDate = new Date(inSeconds(3600));
      const { writer, reader } = test.app.get(DatabaseConnection);
      const cancelling = await writer.transaction(async (manager) => {
        await manager.update(Subscription, { userId: user.id }, { endDate });
        const [{ pid }] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
        const answer = test.as(user).delete('subscriptions/me');
        const blocked = 'SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))';
        await until(async () => (await reader.query<object[]>(blocked, [pid])).length > 0);
        return { answer };
      });
      expect((await cancelling.answer).statusCode).toBe(204);
      expect(await accessOf(user)).toMatchObject({ is_premium: true, expires_at: endDate.toISOString() });
    });
  }

  it('is not cancelled by a request with a body that says something else', async () => {
    const user = await test.make.subscriber();
    for (const body of [{ user_id: 1 }, { user_id: null }, { user_id: {} }, { at: 'once' }]) {
      expect((await test.as(user).delete('subscriptions/me', body)).statusCode).toBe(422);
    }
    expect(await accessOf(user)).toMatchObject({ is_premium: true });
  });

  it('has one active plan after many changes at once', async () => {
    const user = await test.make.learner();
    const plans = ['premium', 'pro', 'team', 'free', 'premium', 'pro', 'team', 'premium'];
    const answers = await Promise.all(plans.map((plan_type) => give(user, { plan_type })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(plans.map(() => 200));
    expect(await activeRows(user)).toBe(1);
  });

  it('row 26: is given by an admin alone', async () => {
    const user = await test.make.learner();
    for (const path of [`subscriptions/${user.id}`, 'subscriptions/me']) {
      const answer = await test.as(user).put(path, { plan_type: 'team' });
      expect(codeOf(answer)).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
    }
    expect(await accessOf(user)).toEqual(FREE);
  });

  it.each([
    [{}, 'plan_type'],
    [{ plan_type: 'gold' }, 'plan_type'],
    [{ plan_type: ['pro'] }, 'plan_type'],
    [{ plan_type: 'pro', end_date: 'tomorrow' }, 'end_date'],
    [{ plan_type: 'pro', end_date: '2026-02-30' }, 'end_date'],
    [{ plan_type: 'pro', end_date: '2026-13-01T00:00:00Z' }, 'end_date'],
    [{ plan_type: 'pro', end_date: 1 }, 'end_date'],
    [{ plan_type: 'pro', is_active: true }, 'is_active'],
    [{ plan_type: 'pro', start_date: '2020-01-01' }, 'start_date'],
  ])('row 26: refuses the choice %j and names the field', async (body, field) => {
    const answer = await give(await test.make.learner(), body);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: { field: string }[] }>().errors[0].field).toBe(field);
  });

  it('tells an admin that there is no such user, and anyone else that it is not theirs', async () => {
    const user = await test.make.learner();
    for (const path of ['subscriptions/nobody', 'subscriptions/nobody/access']) {
      expect((await test.as(admin).get(path)).json()).toMatchObject({ error_code: 'USER_NOT_FOUND' });
      expect((await test.as(user).get(path)).json()).toMatchObject({ error_code: 'INSUFFICIENT_PERMISSIONS' });
    }
    expect((await test.as(admin).put('subscriptions/nobody', { plan_type: 'pro' })).statusCode).toBe(404);
    expect((await test.as(admin).delete('subscriptions/nobody')).statusCode).toBe(404);
    const malformed = await test.as(admin).get('subscriptions/%20');
    expect([malformed.statusCode, fieldsOf(malformed)]).toEqual([422, ['user_id']]);
  });
});
