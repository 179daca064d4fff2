import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { type EntityManager, In } from 'typeorm';
import { type AppError } from '../src/common/errors.js';
import { Course } from '../src/courses/course.entity.js';
import { writingDataSource } from '../src/database/data-source.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { ChapterCompletion } from '../src/progress/chapter-completion.entity.js';
import { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { eventually, until } from './eventually.js';
import { onPostgres } from './services.js';
import { statementsOf } from './statements.js';
import { DATABASE_KINDS, onEachDatabase, TestApp, testConfig, testDatabase } from './test-app.js';

/** Ends every backend of a database. @returns their pids */
const killBackends = (url: string) =>
  onPostgres(async (client) => {
    const kill = 'SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1';
    return (await client.query<{ pid: number }>(kill, [nameOf(url)])).rows.map(({ pid }) => pid);
  });
const nameOf = (url: string) => new URL(url).pathname.slice(1);
const setTitle = (manager: EntityManager, id: string, title: string) => manager.update(Course, id, { title });

onEachDatabase((kind) => {
  let test: TestApp;
  let unitOfWork: UnitOfWork;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    unitOfWork = test.app.get(UnitOfWork);
  });
  afterAll(() => test.stop());

  const titleOf = async (id: string) =>
    (await test.app.get(DatabaseConnection).reader.manager.findOneByOrFail(Course, { id })).title;

  it('row 1: keeps every one of 50 completions that arrive at once', async () => {
    const learner = await test.make.learner();
    const { course, chapters } = await test.make.course({ chapters: 50 });
    await Promise.all(chapters.map(({ id }) => test.make.completion(learner, id, course.id)));
    const { reader } = test.app.get(DatabaseConnection);
    expect(await reader.manager.countBy(ChapterCompletion, { userId: learner.id })).toBe(50);
  });

  it('lets one of two equal completions through and refuses the other', async () => {
    const learner = await test.make.learner();
    const { course, chapters } = await test.make.course();
    const twice = [1, 2].map(() => test.make.completion(learner, chapters[0].id, course.id));
    const outcomes = await Promise.allSettled(twice);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('row 3: keeps an acknowledged write while another unit fails, and no reader sees half of one', async () => {
    const kept = await test.make.course({ title: 'before' });
    const failing = await test.make.course({ title: 'before' });
    const [failure, seen] = await Promise.all([
      unitOfWork
        .run(async (manager) => {
          await setTitle(manager, failing.course.id, 'half');
          await delay(50);
          throw new Error('on purpose');
        })
        .catch((error: Error) => error.message),
      delay(20).then(() => titleOf(failing.course.id)),
      unitOfWork.run((manager) => setTitle(manager, kept.course.id, 'after')),
    ]);
    expect([failure, seen]).toEqual(['on purpose', 'before']);
    expect([await titleOf(kept.course.id), await titleOf(failing.course.id)]).toEqual(['after', 'before']);
  });

  it('row 3: stores all of 40 units that arrive together with 20 that fail', async () => {
    const { course } = await test.make.course();
    const units = Array.from({ length: 60 }, (_, index) =>
      unitOfWork.run(async (manager) => {
        await manager.query(
          `UPDATE courses SET estimated_hours = COALESCE(estimated_hours, 0) + 1 WHERE id = '${course.id}'`,
        );
        if (index % 3 === 0) throw new Error('on purpose');
      }),
    );
    const outcomes = await Promise.allSettled(units);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
    const stored = await test.app.get(DatabaseConnection).reader.manager.findOneByOrFail(Course, { id: course.id });
    expect(stored.estimatedHours).toBe(40);
  });

  it('does not let one unit hold another', async () => {
    for (const inner of ['run', 'runOne'] as const) {
      const nested = unitOfWork.run(() => unitOfWork[inner](() => Promise.resolve()));
      await expect(nested).rejects.toThrow('cannot hold another');
    }
  });

  it('gives what the work gave', async () => {
    expect(await unitOfWork.run(() => Promise.resolve(42))).toBe(42);
  });
});

const describeOn = (kind: (typeof DATABASE_KINDS)[number]) =>
  DATABASE_KINDS.includes(kind) ? describe : describe.skip;

describeOn('postgres')('on PostgreSQL', () => {
  let test: TestApp;
  let unitOfWork: UnitOfWork;
  beforeEach(async () => {
    test = await TestApp.start('postgres', { settings: { DATABASE_POOL_MAX: '4' } });
    unitOfWork = test.app.get(UnitOfWork);
  });
  afterEach(() => test.stop());

  it('row 11: lives through backends that are killed in the middle of a unit, and stores nothing of it', async () => {
    const { course } = await test.make.course({ title: 'before' });
    for (let round = 0; round < 5; round++) {
      const killed = unitOfWork.run(async (manager) => {
        await setTitle(manager, course.id, 'half');
        await killBackends(test.database.url);
        await setTitle(manager, course.id, 'whole');
      });
      await expect(killed).rejects.toThrow();
    }
    const answer = await test.get(`courses/${course.id}`);
    expect([answer.statusCode, answer.json<{ title: string }>().title]).toEqual([200, 'before']);
  });

  it('row 11: answers 503 while connections break, and is well at once afterwards', async () => {
    await test.make.course({ id: 'c' });
    const statuses = new Set<number>();
    const killed: number[] = [];
    for (let round = 0; round < 20; round++) {
      const asked = Array.from({ length: 8 }, () => test.get('courses/c'));
      killed.push(...(await killBackends(test.database.url)));
      for (const { statusCode } of await Promise.all(asked)) statuses.add(statusCode);
    }
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await until(async () => {
      const alive = await onPostgres((client) =>
        client.query('SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[])', [killed]),
      );
      return alive.rows.length === 0;
    });
    expect((await test.get('courses/c')).statusCode).toBe(200);
  });

  it('row 12: brings opposed lock orders through, each in a fresh transaction', async () => {
    const [a, b] = [await test.make.learner(), await test.make.learner()];
    const held = new Set<string>();
    let runs = 0;
    const move = (timezone: string, first: User, second: User) =>
      unitOfWork.run(async (manager) => {
        runs++;
        await manager.update(User, first.id, { timezone });
        held.add(timezone);
        await until(() => held.size === 2);
        await manager.update(User, second.id, { timezone });
      });
    await Promise.all([move('Asia/Tokyo', a, b), move('Europe/Berlin', b, a)]);
    expect(runs).toBeGreaterThan(2);
    const moved = await test.app.get(DatabaseConnection).reader.manager.findBy(User, { id: In([a.id, b.id]) });
    expect(new Set(moved.map(({ timezone }) => timezone)).size).toBe(1);
  });

  it('row 12: brings serialization failures through', async () => {
    const { course } = await test.make.course();
    const add = () =>
      unitOfWork.run(async (manager) => {
        await manager.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        const { estimatedHours } = await manager.findOneByOrFail(Course, { id: course.id });
        await delay(20);
        await manager.update(Course, course.id, { estimatedHours: (estimatedHours ?? 0) + 1 });
      });
    await Promise.all([add(), add(), add()]);
    const answer = await test.get(`courses/${course.id}`);
    expect(answer.json<{ estimated_hours: number }>().estimated_hours).toBe(3);
  });

  it('row 16: answers 503 when no connection comes free in time, while liveness stays 200', async () => {
    await test.stop();
    const settings = { DATABASE_POOL_MAX: '2', DATABASE_ACQUIRE_TIMEOUT_MS: '200' };
    test = await TestApp.start('postgres', { settings });
    const { reader } = test.app.get(DatabaseConnection);
    const sleep = 'SELECT pg_sleep(60)';
    await Promise.all([1, 2].map(() => reader.query('SELECT pg_sleep(0.1)')));
    const hogs = Promise.allSettled([1, 2].map(() => reader.query(sleep)));
    const answer = await test.get('courses');
    expect(codeOf(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.headers['retry-after']).toBe('2');
    expect((await test.get('/health/live')).statusCode).toBe(200);
    const cancel = 'SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query = $2';
    await onPostgres((client) => client.query(cancel, [nameOf(test.database.url), sleep]));
    await hogs;
    expect((await test.get('courses')).statusCode).toBe(200);
  });
});

describe('on SQLite', () => {
  it('row 13: waits a bounded time for another process, with the event loop free and reads served', async () => {
    const test = await TestApp.start('sqlite', { settings: { DATABASE_ACQUIRE_TIMEOUT_MS: '400' } });
    const { course } = await test.make.course({ title: 'before' });
    const other = new BetterSqlite3(test.database.url.replace('sqlite:', ''));
    other.exec('BEGIN IMMEDIATE');

    const patient = await TestApp.on(test.database, { settings: { DATABASE_ACQUIRE_TIMEOUT_MS: '30000' } });
    const write = (app: TestApp) => app.app.get(UnitOfWork).run((manager) => setTitle(manager, course.id, 'after'));
    let longestBlock = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longestBlock = Math.max(longestBlock, performance.now() - last);
      last = performance.now();
    }, 5);
    const refused = await Promise.allSettled([write(test), write(test), write(test)]);
    expect((await test.get(`courses/${course.id}`)).statusCode).toBe(200);
    clearInterval(watch);
    for (const outcome of refused) {
      expect(outcome.status === 'rejected' && (outcome.reason as AppError).code).toBe('SERVICE_UNAVAILABLE');
    }
    expect(longestBlock).toBeLessThan(200);

    const waiting = write(patient);
    await delay(100);
    other.exec('ROLLBACK');
    other.close();
    await waiting;
    await eventually(async () => (await test.get(`courses/${course.id}`)).json<{ title: string }>().title, 'after');
    await patient.app.close();
    await test.stop();
  });

  it('opens a file that another process is just laying out as soon as it is free', async () => {
    const database = await testDatabase('sqlite');
    const other = new BetterSqlite3(database.url.replace('sqlite:', ''));
    other.exec('BEGIN EXCLUSIVE');
    const opening = writingDataSource(testConfig(database)).initialize();
    await delay(100);
    other.exec('CREATE TABLE laid_out (id); COMMIT');
    other.close();
    const dataSource = await opening;
    expect(await dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    await dataSource.destroy();
    await database.drop();
  });

  it('commits units that wait together at once, and without those that fail', async () => {
    const test = await TestApp.start('sqlite');
    const unitOfWork = test.app.get(UnitOfWork);
    const courses = await Promise.all([1, 2, 3, 4].map(() => test.make.course({ title: 'before' })));
    const ids = courses.map(({ course }) => course.id);
    const write = (id: string, index: number) =>
      unitOfWork.run(async (manager) => {
        await setTitle(manager, id, 'after');
        if (index % 2 === 0) throw new Error('on purpose');
      });
    const outcomes: PromiseSettledResult<void>[] = [];
    const sent = await statementsOf(test, async () => outcomes.push(...(await Promise.allSettled(ids.map(write)))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    // The first one that fails has nobody before it to keep, so that it is rolled back as a whole.
    expect(sent.filter((sql) => /^(BEGIN|COMMIT|ROLLBACK$)/.test(sql))).toEqual([
      'BEGIN IMMEDIATE',
      'ROLLBACK',
      'BEGIN IMMEDIATE',
      'COMMIT',
    ]);
    const titles = await Promise.all(ids.map(async (id) => (await test.get(`courses/${id}`)).json<Course>().title));
    expect(titles).toEqual(['before', 'after', 'before', 'after']);
    await test.stop();
  });

  it('tells none of the units that wait together that it is stored where their commit fails', async () => {
    const test = await TestApp.start('sqlite');
    const unitOfWork = test.app.get(UnitOfWork);
    const { course } = await test.make.course({ title: 'before' });
    const outcomes = await Promise.allSettled([
      unitOfWork.run((manager) => setTitle(manager, course.id, 'after')),
      unitOfWork.run(async (manager) => {
        await manager.query('PRAGMA defer_foreign_keys = ON');
        await manager.query("UPDATE chapters SET course_id = 'nowhere'");
      }),
      unitOfWork.run(() => Promise.resolve()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await test.get(`courses/${course.id}`)).json<Course>().title).toBe('before');
    await unitOfWork.run((manager) => setTitle(manager, course.id, 'after'));
    await eventually(async () => (await test.get(`courses/${course.id}`)).json<Course>().title, 'after');
    await test.stop();
  });

  it('cannot write through the connection that reads', async () => {
    const test = await TestApp.start('sqlite');
    const { reader } = test.app.get(DatabaseConnection);
    await expect(reader.query('DELETE FROM courses')).rejects.toThrow('readonly');
    await test.stop();
  });
});
