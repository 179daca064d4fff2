import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Rows } from '../drill/rows.js';
import { BackupError } from '../src/backup/backup-error.js';
import { Backups } from '../src/backup/backups.js';
import { sha256 } from '../src/backup/files.js';
import { knownMigrations, writingDataSource } from '../src/database/data-source.js';
import { UsersService } from '../src/users/users.service.js';
import { cli, type Outcome, outcomeOf, serve, type Server, start } from './built.js';
import {
  type DatabaseKind,
  migrated,
  onEachDatabase,
  TestApp,
  testConfig,
  testDatabase,
  type TestDatabase,
} from './test-app.js';

const OURS = /^course-companion-\d{8}T\d{6}Z\.(sqlite\.gz|dump)$/;
const MIGRATIONS = knownMigrations();
const NEWEST = MIGRATIONS.at(-1);
const NEVER = new AbortController().signal;

let database: TestDatabase;
let folder: string;

async function prepare(kind: DatabaseKind): Promise<void> {
  database = await migrated(kind);
  folder = await mkdtemp(join(tmpdir(), 'course-companion-backups-'));
}

async function tidy(): Promise<void> {
  await database.drop();
  await rm(folder, { recursive: true });
}

const backupsOf = (target: TestDatabase, settings: NodeJS.ProcessEnv = {}) =>
  new Backups(testConfig(target, { BACKUP_DIR: folder, ...settings }));
const create = (settings?: NodeJS.ProcessEnv) => backupsOf(database, settings).create(new Date(), NEVER);
const restore = (file: string, force: boolean) => backupsOf(database).restore(file, { force }, NEVER);
const backup = (...args: string[]): Promise<Outcome> =>
  cli(['backup', ...args], { DATABASE_URL: database.url, BACKUP_DIR: folder });

async function sql(statement: string, target = database): Promise<void> {
  const dataSource = await writingDataSource(testConfig(target)).initialize();
  await dataSource.query(statement);
  await dataSource.destroy();
}

/** Learners with completions and attempts. */
async function study(): Promise<void> {
  const test = await TestApp.on(database);
  const { course, chapters, quizzes } = await test.make.course({ quizzes: [{}] });
  for (let learner = 0; learner < 5; learner++) {
    const user = await test.make.subscriber();
    await test.make.begun(user, course.id, chapters[0].id);
    await test.make.attempt(user, quizzes[0].id);
  }
  await test.app.close();
}

/** That the database holds these rows and no others. */
async function expectRows(expected: Rows, url = database.url): Promise<void> {
  const found = await Rows.of(url);
  expect([expected.missingIn(found), found.missingIn(expected), found.tables]).toEqual([0, 0, expected.tables]);
}

const made = async () => (await readdir(folder)).filter((name) => OURS.test(name)).sort();

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const begin = Date.now(); !(await isTrue()); await delay(50)) {
    if (Date.now() - begin > 10_000) throw new Error('It took too long');
  }
}

async function stop({ child }: Server): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exit)[0]).toBe(0);
}

const scheduled = (settings: NodeJS.ProcessEnv) =>
  serve({ DATABASE_URL: database.url, BACKUP_SCHEDULE: '* * * * * *', SHUTDOWN_DRAIN_MS: '0', ...settings });

onEachDatabase((kind) => {
  const ending = kind === 'sqlite' ? '.sqlite.gz' : '.dump';
  beforeEach(() => prepare(kind));
  afterEach(tidy);

  it('an operator makes, lists, checks and puts back a backup', async () => {
    const made = await backup('create');
    const file = made.stdout.trim();
    expect(made).toEqual({ code: 0, stdout: `${join(folder, basename(file))}\n`, stderr: '' });
    const older = `course-companion-20200102T030405Z${ending}`;
    await writeFile(join(folder, older), 'x');
    const [first, second] = (await backup('list')).stdout.split('\n');
    expect(first).toMatch(/^course-companion-\d{8}T\d{6}Z\S+ {2}20\d\d-\S+Z {2}\d+\.\d+ MB$/);
    expect(second).toBe(`${older}  2020-01-02T03:04:05.000Z  0.000 MB`);
    const verified = await backup('verify', file);
    expect(verified.stdout).toContain(
      `${basename(file)} is sound: ${MIGRATIONS.length} migrations, the last is ${NEWEST}\n`,
    );

    const refused = await backup('restore', file);
    const reason = 'The database is not empty: --force replaces all that is in it by the backup\n';
    expect(refused).toEqual({ code: 1, stdout: '', stderr: reason });
    await sql(`DELETE FROM migrations WHERE name = '${NEWEST}'`);
    await sql("INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'Tomorrow1999999999999')");
    const elsewhere = join(folder, 'else', 'where');
    expect((await backup('create', '--to', elsewhere)).stdout).toBe(`${elsewhere}\n`);
    const { stdout, stderr } = await backup('restore', elsewhere, '--force');
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'restored where',
      `It has not had ${NEWEST}: run "npm run migrate" before it is served.`,
      'It has had Tomorrow1999999999999, which this version does not know: serve it with the one that does.',
    ]);
  }, 60_000);

  it('brings every row back into an empty database', async () => {
    await study();
    const before = await Rows.of(database.url);
    const file = await create();
    const empty = await testDatabase(kind);
    await backupsOf(empty).restore(file, { force: false }, NEVER);
    await expectRows(before, empty.url);
    // What counts upwards goes on where it was.
    const test = await TestApp.on(empty);
    await test.make.subscriber();
    await test.stop();
  });

  it('makes a file that its owner alone can read, with a checksum beside it and nothing else', async () => {
    const file = await create();
    expect((await readdir(folder)).sort()).toEqual([basename(file), `${basename(file)}.sha256`]);
    expect(basename(file)).toMatch(OURS);
    expect((await backupsOf(database).lastSuccess())?.getTime()).toBeGreaterThan(Date.now() - 5000);
    const modes = await Promise.all([file, `${file}.sha256`].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
    expect(await readFile(`${file}.sha256`, 'utf8')).toBe(`${await sha256(file)}  ${basename(file)}\n`);
  });

  it('writes elsewhere when told to, but never over a file', async () => {
    const wanted = join(folder, 'else', 'where');
    await backupsOf(database).createAt(wanted, NEVER);
    await expect(backupsOf(database).createAt(wanted, NEVER)).rejects.toThrow(`${wanted} exists already`);
    expect(await backupsOf(database).verify(wanted, NEVER)).toEqual(MIGRATIONS);
    expect(await backupsOf(database).list()).toEqual([]);
  });

  it('replaces what is stored when it is forced to, and no less', async () => {
    const file = await create();
    const before = await Rows.of(database.url);
    await sql('CREATE TABLE not_in_the_backup (id integer)');
    await study();
    const grown = await Rows.of(database.url);
    await expect(restore(file, false)).rejects.toThrow('The database is not empty');
    await expectRows(grown);
    await restore(file, true);
    await expectRows(before);
  });

  it('refuses a backup that is none of this application, however sound it is', async () => {
    const file = await create();
    const before = await Rows.of(database.url);
    const foreign = await testDatabase(kind);
    await sql('CREATE TABLE migrations (id integer, timestamp integer, name text)', foreign);
    await sql("INSERT INTO migrations VALUES (1, 1, 'Another1')", foreign);
    const other = await backupsOf(foreign).createAt(join(folder, 'other'), NEVER);
    await foreign.drop();
    await expect(backupsOf(database).verify(other, NEVER)).rejects.toThrow('is no backup of Course Companion');
    await expect(restore(other, true)).rejects.toThrow('is no backup of Course Companion');
    await expectRows(before);
    expect(await backupsOf(database).verify(file, NEVER)).toEqual(MIGRATIONS);
  });

  it('passes over a folder that is named as a backup is', async () => {
    await mkdir(join(folder, `course-companion-20200102T030405Z${ending}`));
    expect(await backupsOf(database).list()).toEqual([]);
    await create();
    expect(await backupsOf(database).list()).toHaveLength(1);
  });

  it('keeps what is stored when the backup is damaged, wherever that shows', async () => {
    await study();
    const file = await create();
    await study();
    const before = await Rows.of(database.url);
    const broken = join(folder, 'broken');
    const expectRefusal = async (reason: string) => {
      await expect(restore(broken, true)).rejects.toThrow(reason);
      await expect(backupsOf(database).verify(broken, NEVER)).rejects.toThrow(reason);
      await expectRows(before);
    };
    const blessChecksum = async () => writeFile(`${broken}.sha256`, `${await sha256(broken)}  broken\n`);

    await expectRefusal('broken does not exist');
    await copyFile(file, broken);
    await expectRefusal('broken.sha256 is missing');
    await copyFile(`${file}.sha256`, `${broken}.sha256`);
    await truncate(broken, (await stat(broken)).size - 100);
    await expectRefusal('is not what its checksum was made of');
    const outcome = await backup('restore', broken, '--force');
    expect([outcome.code, outcome.stdout]).toEqual([1, '']);
    expect(outcome.stderr).toBe(`${broken} is damaged: it is not what its checksum was made of\n`);
    await blessChecksum();
    await expectRefusal(kind === 'sqlite' ? 'unexpected end of file' : 'pg_restore failed');
    await writeFile(broken, 'no backup at all');
    await blessChecksum();
    await expectRefusal(`is no backup of ${kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}`);
  });

  it('keeps as many as it is told to, and touches no file but its own', async () => {
    const other = kind === 'sqlite' ? '.dump' : '.sqlite.gz';
    const names = ['20200101', '20200102', '20200103'].map((day) => `course-companion-${day}T000000Z${ending}`);
    const strangers = [`course-companion-20190101T000000Z${other}`, 'notes.txt', `mine-20190101T000000Z${ending}`];
    for (const name of [...names, ...strangers]) await writeFile(join(folder, name), 'x');
    for (const name of names) await writeFile(join(folder, `${name}.sha256`), 'x');
    await mkdir(join(folder, `.${names[0]}.making`));
    const file = basename(await create({ BACKUP_KEEP: '2' }));
    const kept = [names[2], `${names[2]}.sha256`, file, `${file}.sha256`, ...strangers];
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
    await delay(1000);
    const next = basename(await create({ BACKUP_KEEP: '0' }));
    expect((await readdir(folder)).sort()).toEqual([...kept, next, `${next}.sha256`].sort());
  });

  it('leaves nothing behind where there is nothing to back up, or where it is broken off', async () => {
    const empty = await testDatabase(kind);
    await sql('CREATE TABLE strange (id integer)', empty);
    await expect(backupsOf(empty).create(new Date(), NEVER)).rejects.toThrow('There is nothing to back up');
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await expect(backupsOf(database).create(new Date(), stop.signal)).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
    await empty.drop();
  });

  it('two servers make one backup at each tick, and none when they have stopped', async () => {
    const settings = { BACKUP_DIR: folder, BACKUP_KEEP: '0' };
    const servers = await Promise.all([scheduled(settings), scheduled(settings)]);
    let log = '';
    for (const { child } of servers) child.stdout?.on('data', (data) => (log += String(data)));
    const early = await made();
    await until(async () => (await made()).length >= early.length + 3);
    await Promise.all(servers.map(stop));
    const names = await made();
    const told = [...log.matchAll(/made \S+\/(course-companion-\d+T\d+Z\.\w+(?:\.gz)?)/g)].map(([, name]) => name);
    expect(told.sort()).toEqual(names.filter((name) => told.includes(name)));
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(log).not.toContain('failed');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    for (const name of names) expect(await backupsOf(database).verify(join(folder, name), NEVER)).toEqual(MIGRATIONS);
    await delay(1200);
    expect(await made()).toEqual(names);
  });
});

it('a schedule that cannot be read stops the start', async () => {
  const outcome = await outcomeOf(start('main.js', [], { BACKUP_SCHEDULE: '61 * * * *' }));
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain("  BACKUP_SCHEDULE must be cron's five fields");
});

describe('on a SQLite file', () => {
  let path: string;
  beforeEach(async () => {
    await prepare('sqlite');
    path = database.url.replace('sqlite:', '');
  });
  afterEach(tidy);

  it('a backup that fails is told and tried again, and the server serves on', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, 'no folder');
    const server = await scheduled({ BACKUP_DIR: blocked });
    let log = '';
    server.child.stdout?.on('data', (data) => (log += String(data)));
    await until(() => Promise.resolve(log.split('The backup failed and is tried again').length > 2));
    await rm(blocked);
    await until(() => Promise.resolve(log.includes(`made ${blocked}/course-companion-`)));
    expect((await server.fetch('/health/ready')).status).toBe(200);
    await stop(server);
  });

  it('copies one moment while another connection writes without a pause', async () => {
    const writer = new Sqlite(path);
    writer.exec('CREATE TABLE pairs (id integer PRIMARY KEY, filler text)');
    const insert = writer.prepare("INSERT INTO pairs (filler) VALUES (printf('%2000c', 'x'))");
    const insertPair = writer.transaction(() => [insert.run(), insert.run()]);
    for (let pair = 0; pair < 3000; pair++) insertPair();
    let written = 0;
    const writing = setInterval(() => {
      insertPair();
      written++;
    }, 1);
    const file = await create();
    clearInterval(writing);
    writer.close();
    expect(written).toBeGreaterThan(10);
    const copy: TestDatabase = { ...database, url: `sqlite:${join(folder, 'copy.db')}` };
    await backupsOf(copy).restore(file, { force: false }, NEVER);
    const restored = new Sqlite(join(folder, 'copy.db'), { readonly: true });
    const { pairs } = restored.prepare('SELECT COUNT(*) AS pairs FROM pairs').get() as { pairs: number };
    restored.close();
    expect(pairs).toBeGreaterThanOrEqual(6000);
    expect(pairs).toBeLessThanOrEqual(6000 + 2 * written);
    expect(pairs % 2).toBe(0);
  });

  it('is not replaced under a server that has it open', async () => {
    const file = await create();
    const before = await Rows.of(database.url);
    const server = await serve({ DATABASE_URL: database.url });
    await expect(restore(file, true)).rejects.toThrow(`${path} is open in another process: stop the server first`);
    expect((await server.fetch('/health/ready')).status).toBe(200);
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    await restore(file, true);
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
    await expectRows(before);
  });

  it('is replaced where it cannot be read any more', async () => {
    const before = await Rows.of(database.url);
    const file = await create();
    await writeFile(path, 'this is no database');
    await writeFile(`${path}-wal`, 'nor is this its log');
    await expect(backupsOf(database).create(new Date(0), NEVER)).rejects.toThrow('The database cannot be read');
    await expect(restore(file, false)).rejects.toThrow('The database is not empty');
    await restore(file, true);
    await expectRows(before);
  });
});

(process.env.TEST_DATABASES?.includes('postgres') ? describe : describe.skip)('on a PostgreSQL server', () => {
  beforeEach(() => prepare('postgres'));
  afterEach(tidy);

  it('is replaced under a server, which knows of it within a second', async () => {
    const test = await TestApp.on(database);
    try {
      const learner = await test.make.learner();
      const ask = async () => (await test.as(learner).get('auth/me')).statusCode;
      expect(await ask()).toBe(200);
      const file = await create();
      await test.app.get(UsersService).update(learner.id, { isActive: false });
      expect(await ask()).toBe(403);
      await restore(file, true);
      await delay(1000);
      expect(await ask()).toBe(200);
    } finally {
      await test.app.close();
    }
  });

  it('is replaced but for extensions and other schemas, which are not its own', async () => {
    await sql('CREATE EXTENSION pg_trgm');
    await sql('CREATE SCHEMA other CREATE TABLE kept (id integer)');
    const before = await Rows.of(database.url);
    await restore(await create(), true);
    await expectRows(before);
    await sql("SELECT similarity('a', 'b') FROM other.kept");
  });

  it('is not replaced where another schema hangs on it, which would go with it and is in no backup', async () => {
    await sql(`
      CREATE SCHEMA reports;
      CREATE VIEW reports.emails AS SELECT email FROM public.users;
      CREATE TABLE reports.audit (user_id varchar REFERENCES public.users);
      CREATE TABLE reports.typed (who public.users)`);
    const before = await Rows.of(database.url);
    const file = await create();
    const refusal = await restore(file, true).catch((error: Error) => error.message);
    expect(refusal).toContain('What lies in other schemas would go too, and is in no backup');
    for (const name of ['reports.emails', 'reports.audit', 'reports.typed']) expect(refusal).toContain(name);
    await expectRows(before);
    await sql('DROP SCHEMA reports CASCADE');
    await restore(file, true);
    await expectRows(before);
  });

  it('is replaced together with views of its own schema', async () => {
    await sql('CREATE VIEW learners AS SELECT id, email FROM users; CREATE VIEW emails AS SELECT email FROM learners');
    const before = await Rows.of(database.url);
    await restore(await create(), true);
    await expectRows(before);
    await sql('SELECT email FROM emails');
  });

  it('tells no password where it cannot be reached', async () => {
    const url = new URL(database.url);
    url.password = 'hunter2hunter2';
    url.pathname = '/there_is_no_such_database';
    const unknown = 'database "there_is_no_such_database" does not exist';
    const settings = { DATABASE_URL: url.href, BACKUP_DIR: folder };
    const { code, stdout, stderr } = await cli(['backup', 'create'], settings);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(unknown);
    expect(stderr).not.toContain('hunter2');
    const restoring = backupsOf({ ...database, url: url.href }).restore(await create(), { force: false }, NEVER);
    await expect(restoring).rejects.toThrow(new BackupError(`The database cannot be reached: ${unknown}`));
  });

  it('says which program is missing', async () => {
    const outcome = await cli(['backup', 'create'], { DATABASE_URL: database.url, BACKUP_DIR: folder, PATH: folder });
    expect([outcome.code, outcome.stdout]).toEqual([1, '']);
    expect(outcome.stderr).toContain("pg_dump was not found: install PostgreSQL's client programs");
  });
});
