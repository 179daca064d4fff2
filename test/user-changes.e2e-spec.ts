import { setTimeout as delay } from 'node:timers/promises';
import { Changes } from '../src/database/changes.js';
import { SubscriptionsService } from '../src/subscriptions/subscriptions.service.js';
import { UsersService } from '../src/users/users.service.js';
import { cli } from './built.js';
import { eventually, until } from './eventually.js';
import { onPostgres } from './services.js';
import { DataSource } from 'typeorm';
import { PASSWORD } from './make.js';
import { statementsOf } from './statements.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let here: TestApp;
  let there: TestApp;
  beforeAll(async () => {
    here = await TestApp.start(kind);
    there = await TestApp.on(here.database);
    await here.make.course({ id: 'c', chapters: [{}, { isPremium: true }], quizzes: [{}] });
    for (const { app } of [here, there]) await until(() => app.get(Changes).isHeard);
  });
  afterAll(async () => {
    await there.app.close();
    await here.stop();
  });

  const meAt = (test: TestApp, user: Parameters<TestApp['as']>[0]) => async () =>
    (await test.as(user).get('auth/me')).statusCode;
  const premiumAt = (test: TestApp, user: Parameters<TestApp['as']>[0]) => async () =>
    (await test.as(user).get('chapters/c-2')).statusCode;

  it('a disabled account is closed at once here, and within a second on every other instance', async () => {
    const user = await here.make.learner();
    expect(await meAt(there, user)()).toBe(200);
    await here.app.get(UsersService).update(user.id, { isActive: false });
    expect(await meAt(here, user)()).toBe(403);
    await eventually(meAt(there, user), 403);
    await there.app.get(UsersService).update(user.id, { isActive: true });
    expect(await meAt(there, user)()).toBe(200);
    await eventually(meAt(here, user), 200);
  });

  it('so is one that the command line disables or deletes', async () => {
    const user = await here.make.learner();
    expect(await meAt(here, user)()).toBe(200);
    const settings = { DATABASE_URL: here.database.url };
    const users = (...args: string[]) => cli(['users', ...args], settings);
    expect((await users('disable', user.email)).code).toBe(0);
    await eventually(meAt(here, user), 403);
    expect((await users('enable', user.email)).code).toBe(0);
    await eventually(meAt(here, user), 200);
    expect((await users('delete', user.email)).code).toBe(0);
    await eventually(meAt(here, user), 401);
  });

  it('a changed password ends the access tokens everywhere', async () => {
    const user = await here.make.learner();
    expect(await meAt(there, user)()).toBe(200);
    const change = { current_password: PASSWORD, new_password: 'another good one' };
    expect((await here.as(user).post('auth/password', change)).statusCode).toBe(204);
    expect(await meAt(here, user)()).toBe(401);
    await eventually(meAt(there, user), 401);
  });

  it('a plan that is given, ended or taken away holds at once here, and within a second elsewhere', async () => {
    const user = await here.make.learner();
    for (const test of [here, there]) expect(await premiumAt(test, user)()).toBe(403);
    await here.app.get(SubscriptionsService).set(user.id, 'premium', null);
    expect(await premiumAt(here, user)()).toBe(200);
    await eventually(premiumAt(there, user), 200);
    const free = await cli(['subscriptions', 'set', user.email, 'free'], { DATABASE_URL: here.database.url });
    expect([free.code, free.stderr]).toEqual([0, '']);
    for (const test of [here, there]) await eventually(premiumAt(test, user), 403);
  });

  it('an admin is one as soon as the command line says so', async () => {
    const [user, other] = [await here.make.learner(), await here.make.learner()];
    const read = async () => (await here.as(user).get(`subscriptions/${other.id}`)).statusCode;
    expect(await read()).toBe(403);
    expect((await cli(['users', 'set-role', user.email, 'admin'], { DATABASE_URL: here.database.url })).code).toBe(0);
    await eventually(read, 200);
  });

  it.each<[method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object | undefined]>([
    ['GET', 'auth/me', undefined],
    ['PATCH', 'auth/me', { timezone: 'Europe/London' }],
    ['GET', 'auth/me/export', undefined],
    ['POST', 'auth/password', { current_password: PASSWORD, new_password: 'another password' }],
    ['DELETE', 'auth/me', { password: PASSWORD }],
    ['POST', 'quizzes/submit', { quiz_id: 'c-quiz-1', answers: { q1: true } }],
    ['POST', 'progress/me/courses/c/chapters/c-1', undefined],
    ['PUT', 'progress/me/streak/reset', undefined],
    ['POST', 'hybrid/adaptive-learning', { course_id: 'c' }],
  ])('%s %s does nothing for a learner who is gone, heard of or not', async (method, path, payload) => {
    const user = await here.make.subscriber();
    const headers = { authorization: here.tokenOf(user) };
    expect(await meAt(here, user)()).toBe(200);
    await here.make.deletion(user);
    const { statusCode } = await here.send({ method, url: `/api/v1/${path}`, headers, payload });
    expect(path.startsWith('auth') ? [401] : [401, 409]).toContain(statusCode);
  });

  it('a learner who is gone is not told to buy a plan, if only their account was known', async () => {
    const user = await here.make.learner();
    await until(async () => {
      const state = here.app.get(UsersService).stateOf(user.id);
      await state;
      return !(state instanceof Promise);
    });
    await here.make.deletion(user);
    expect(await premiumAt(here, user)()).toBe(401);
  });

  it('the rows of a user who asks again and again are read once', async () => {
    const user = await here.make.learner();
    // What PostgreSQL tells of the new account would else arrive in between.
    await delay(200);
    const client = here.as(user);
    const readsOf = async (times: number) => {
      const statements = await statementsOf(here, async () => {
        for (let i = 0; i < times; i++) await client.get('courses/c');
      });
      return statements.filter((sql) => /FROM "?(users|subscriptions)\b/.test(sql)).length;
    };
    expect(await readsOf(1)).toBe(2);
    expect(await readsOf(20)).toBe(0);
  });

  if (kind === 'postgres') {
    it('while the channel is down every request reads the row, and it comes back by itself', async () => {
      const user = await here.make.learner();
      expect(await meAt(here, user)()).toBe(200);
      const changes = here.app.get(Changes);
      const ofChannels = `application_name = 'course-companion-changes' AND datname = '${new URL(here.database.url).pathname.slice(1)}'`;
      await onPostgres((client) =>
        client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ofChannels}`),
      );
      await eventually(() => changes.isHeard, false);
      await here.app.get(DataSource).query('UPDATE users SET is_active = false WHERE id = $1', [user.id]);
      expect(await meAt(here, user)()).toBe(403);
      await until(() => changes.isHeard);
      await here.app.get(DataSource).query('UPDATE users SET is_active = true WHERE id = $1', [user.id]);
      await eventually(meAt(here, user), 200);
      const channels = async () =>
        (await onPostgres((client) => client.query(`SELECT 1 FROM pg_stat_activity WHERE ${ofChannels}`))).rowCount;
      await eventually(channels, 2, 5000);
    });
  }
});
