import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type QueryRunner, type Table } from 'typeorm';
import { readerOptions, writingDataSource } from '../src/database/data-source.js';
import { User } from '../src/users/user.entity.js';
import { migrate, MIGRATION_LOCK, pendingMigrations } from '../src/database/migrate.js';
import { Streak } from '../src/activity/streak.entity.js';
import { Accounts } from './accounts.js';
import { statusesOf } from './answers.js';
import { cli } from './built.js';
import { onEachDatabase, TestApp, testConfig, testDatabase, type TestDatabase } from './test-app.js';

const nameOf = ({ name }: Pick<Table, 'name'>) => name.replace(/^.*\./, '');

/** The first column of each index of a table: TypeORM tells a table's columns in the table's own order. */
const FIRST_OF_INDEXES = {
  postgres: `SELECT attname AS first FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indrelid = $1::regclass`,
  sqlite: `SELECT info.name AS first FROM pragma_index_list(?) AS list JOIN pragma_index_info(list.name) AS info
    WHERE seqno = 0`,
};

/** A learner signs in, completes a chapter, submits a quiz and asks the mentor. */
async function study(database: TestDatabase): Promise<void> {
  const test = await TestApp.on(database);
  const { course, chapters, quizzes } = await test.make.course({ quizzes: [{}] });
  const user = await test.make.subscriber();
  await new Accounts(test).signIn(user.email);
  const learner = test.as(user);
  const answers = [
    await learner.post(`progress/me/courses/${course.id}/chapters/${chapters[0].id}`),
    await learner.post('quizzes/submit', { quiz_id: quizzes[0].id, answers: { q1: true } }),
    await learner.post('hybrid/mentor-session', { course_id: course.id, question: 'What is the text of it?' }),
  ];
  expect(statusesOf(answers)).toEqual([200, 200, 200]);
  await test.app.close();
}

onEachDatabase((kind) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeEach(async () => {
    database = await testDatabase(kind);
    dataSource = await writingDataSource(testConfig(database)).initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  async function withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }

  const tableNames = () => dataSource.entityMetadatas.map(({ tableName }) => tableName);

  /** The rows of tables, in an order of their own. */
  async function rowsOf(tables: string[]): Promise<Map<string, string[]>> {
    const rows = new Map<string, string[]>();
    for (const name of tables) {
      const found = await dataSource.query<object[]>(`SELECT * FROM ${name}`);
      rows.set(name, found.map((row) => JSON.stringify(row)).sort());
    }
    return rows;
  }

  /** Every table with its columns, keys and indexes, in a form that can be compared. */
  const schema = () =>
    withRunner(async (runner) => {
      const tables = await runner.getTables(tableNames());
      const described = tables.map((table) => ({
        name: nameOf(table),
        columns: table.columns
          .map(({ name, type, isNullable }) => ({ name, type, isNullable }))
          .sort((one, other) => one.name.localeCompare(other.name)),
        uniques: table.uniques.map(({ columnNames }) => columnNames.join()).sort(),
        indices: table.indices.map(({ name }) => name).sort(),
        foreignKeys: table.foreignKeys.map(({ columnNames, onDelete }) => `${columnNames.join()} ${onDelete}`).sort(),
      }));
      return described.sort((one, other) => one.name.localeCompare(other.name));
    });

  it('row 22: runs up, down and up again to the same schema', async () => {
    expect(await migrate(dataSource)).toEqual(dataSource.migrations.map(({ name }) => name));
    const first = await schema();
    expect(first).toHaveLength(tableNames().length);
    for (let left = dataSource.migrations.length; left > 0; left--) await dataSource.undoLastMigration();
    expect(await withRunner((runner) => runner.getTables(tableNames()))).toEqual([]);
    expect(await pendingMigrations(dataSource)).toHaveLength(dataSource.migrations.length);
    await migrate(dataSource);
    expect(await schema()).toEqual(first);
    expect(await migrate(dataSource)).toEqual([]);
  });

  it('of several processes that begin at once one migrates and the others wait', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => cli(['migrate'], { DATABASE_URL: database.url })));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(4).fill([0, '']));
    const worked = outcomes.filter(({ stdout }) => stdout.includes('migrated: '));
    expect(worked).toHaveLength(1);
    expect(await pendingMigrations(dataSource)).toEqual([]);
  });

  if (kind === 'postgres') {
    it('waits for who migrates, and migrates, for longer than a statement of a request may take', async () => {
      const settings = { DATABASE_STATEMENT_TIMEOUT_MS: '1000' };
      const waiting = await writingDataSource(testConfig(database, settings)).initialize();
      await withRunner(async (runner) => {
        await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
        const migrating = migrate(waiting);
        await Promise.race([delay(1500), migrating]);
        await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
        expect(await migrating).toHaveLength(waiting.migrations.length);
      });
      const [{ statement_timeout: timeout }] =
        await waiting.query<{ statement_timeout: string }[]>('SHOW statement_timeout');
      expect(timeout).toBe('1s');
      await waiting.destroy();
    });
  }

  it('names the state of the content anew with every change of it, by whatever means', async () => {
    await migrate(dataSource);
    const seen = new Set<string>();
    const look = async () => {
      const [{ revision }] = await dataSource.query<{ revision: string }[]>('SELECT revision FROM content_revision');
      expect(seen).not.toContain(revision);
      seen.add(revision);
    };
    await look();
    const now = new Date().toISOString();
    const quote = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value));
    const insert = (table: string, row: object) =>
      dataSource.query(
        `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.values(row).map(quote).join()})`,
      );
    const recorded = { created_at: now, updated_at: now };
    const course = { id: 'c', title: 't', sort_title: 't', description: '', prerequisites: '[]', published: true };
    await insert('courses', { ...course, ...recorded });
    await look();
    const chapter = { id: 'h', course_id: 'c', title: 't', content: '', position: 1, is_premium: false };
    await insert('chapters', { ...chapter, estimated_minutes: 1, ...recorded });
    await look();
    await dataSource.query("UPDATE chapters SET title = 'another'");
    await look();
    await dataSource.query('DELETE FROM chapters');
    await look();
    await dataSource.query('DELETE FROM courses');
    await look();
    const triggers = kind === 'postgres' ? 'SELECT tgname AS name FROM pg_trigger' : 'SELECT name FROM sqlite_master';
    const names = (await dataSource.query<{ name: string }[]>(triggers)).map(({ name }) => name);
    for (const table of ['courses', 'chapters', 'quizzes', 'search_entries']) {
      const own = names.filter((name) => name.startsWith(`tr_${table}_revised`));
      expect([table, own.length]).toEqual([table, kind === 'postgres' ? 1 : 3]);
    }
  });

  it('row 22: takes the newest migration back and does it again without touching what is stored', async () => {
    await migrate(dataSource);
    await study(database);
    const stored = () => rowsOf(tableNames());
    const before = await stored();
    expect([...before.keys()].filter((name) => before.get(name)?.length)).toEqual(
      expect.arrayContaining(['chapter_completions', 'courses', 'llm_calls', 'quiz_attempts', 'sessions', 'users']),
    );
    await dataSource.undoLastMigration();
    expect(await pendingMigrations(dataSource)).toHaveLength(1);
    const kept = await rowsOf((await withRunner((runner) => runner.getTables(tableNames()))).map(nameOf));
    expect(kept.size).toBeGreaterThan(15);
    for (const [name, rows] of kept) expect([name, rows]).toEqual([name, before.get(name)]);
    await migrate(dataSource);
    expect(await stored()).toEqual(before);
  });

  it('lays out exactly the columns that the entities know', async () => {
    await migrate(dataSource);
    const stored = new Map((await schema()).map(({ name, columns }) => [name, columns]));
    for (const { tableName, columns } of dataSource.entityMetadatas) {
      const known = columns.map(({ databaseName, isNullable }) => ({ name: databaseName, isNullable }));
      const found = stored.get(tableName)?.map(({ name, isNullable }) => ({ name, isNullable }));
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      expect({ tableName, columns: found?.sort(byName) }).toEqual({ tableName, columns: known.sort(byName) });
    }
  });

  it('lays out the eight tables of the original design', async () => {
    await migrate(dataSource);
    expect((await schema()).map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'courses',
        'chapters',
        'users',
        'user_progress',
        'quizzes',
        'quiz_attempts',
        'subscriptions',
        'hybrid_usage',
      ]),
    );
  });

  it('has an index for every foreign key, so that no deletion walks through a table', async () => {
    await migrate(dataSource);
    const tables = await withRunner((runner) => runner.getTables(tableNames()));
    const bare: unknown[] = [];
    for (const { name: table, foreignKeys } of tables) {
      const indexes = await dataSource.query<{ first: string }[]>(FIRST_OF_INDEXES[kind], [nameOf({ name: table })]);
      const leading = indexes.map(({ first }) => first);
      bare.push(...foreignKeys.filter(({ columnNames }) => !leading.includes(columnNames[0])).map(({ name }) => name));
    }
    expect(bare).toEqual([]);
  });

  it('lets a user have one active subscription and any number of past ones', async () => {
    await migrate(dataSource);
    const at = kind === 'postgres' ? 'now()' : "'2026-11-22 10:00:00.000'";
    await dataSource.query(
      `INSERT INTO users VALUES ('u', 'e', 'e', 'n', 'n', '', 'learner', 'UTC', true, 0, ${at}, ${at})`,
    );
    const subscribe = (isActive: boolean) =>
      dataSource.query(
        `INSERT INTO subscriptions (user_id, plan_type, start_date, is_active, created_at, updated_at)
         VALUES ('u', 'premium', ${at}, ${isActive}, ${at}, ${at})`,
      );
    await subscribe(false);
    await subscribe(false);
    await subscribe(true);
    await expect(subscribe(true)).rejects.toThrow(/unique/i);
  });

  it('keeps moments to the millisecond', async () => {
    await migrate(dataSource);
    const reader = await new DataSource(readerOptions(testConfig(database))).initialize();
    const moment = new Date('2026-11-22T10:11:12.345Z');

    await dataSource.manager.insert(User, {
      id: 'u',
      email: 'e',
      canonicalEmail: 'e',
      username: 'n',
      canonicalUsername: 'n',
      passwordHash: '',
      role: 'learner',
      timezone: 'UTC',
      isActive: true,
      tokenVersion: 0,
      createdAt: moment,
      updatedAt: moment,
    });
    await dataSource.manager.insert(Streak, {
      userId: 'u',
      days: 1,
      longestDays: 1,
      lastActiveOn: '2026-11-22',
      updatedAt: moment,
    });
    const streak = await reader.manager.findOneByOrFail(Streak, { userId: 'u' });
    expect(streak.updatedAt.toISOString()).toBe('2026-11-22T10:11:12.345Z');
    await reader.destroy();
  });
});
