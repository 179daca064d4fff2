import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Rows } from '../drill/rows.js';
import { sha256 } from '../src/backup/files.js';
import { BackupStore, MIGRATIONS, NEVER, OURS } from './backup-store.js';
import { onEachDatabase, TestApp, testDatabase } from './test-app.js';

const NEWEST = MIGRATIONS.at(-1);

onEachDatabase((kind) => {
  const ending = kind === 'sqlite' ? '.sqlite.gz' : '.dump';
  let store: BackupStore;
  beforeEach(async () => {
    store = await BackupStore.prepare(kind);
  });
  afterEach(() => store.tidy());

  it('an operator makes, lists, checks and puts back a backup', async () => {
    const created = await store.backup('create');
    const file = created.stdout.trim();
    expect(created).toEqual({ code: 0, stdout: `${join(store.folder, basename(file))}\n`, stderr: '' });
    const older = `course-companion-20200102T030405Z${ending}`;
    await writeFile(join(store.folder, older), 'x');
    const [first, second] = (await store.backup('list')).stdout.split('\n');
    expect(first).toMatch(/^course-companion-\d{8}T\d{6}Z\S+ {2}20\d\d-\S+Z {2}\d+\.\d+ MB$/);
    expect(second).toBe(`${older}  2020-01-02T03:04:05.000Z  0.000 MB`);
    const verified = await store.backup('verify', file);
    expect(verified.stdout).toContain(
      `${basename(file)} is sound: ${MIGRATIONS.length} migrations, the last is ${NEWEST}\n`,
    );

    const refused = await store.backup('restore', file);
    const reason = 'The database is not empty: --force replaces all that is in it by the backup\n';
    expect(refused).toEqual({ code: 1, stdout: '', stderr: reason });
    await store.sql(`DELETE FROM migrations WHERE name = '${NEWEST}'`);
    await store.sql("INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'Tomorrow1999999999999')");
    const elsewhere = join(store.folder, 'else', 'where');
    expect((await store.backup('create', '--to', elsewhere)).stdout).toBe(`${elsewhere}\n`);
    const { stdout, stderr } = await store.backup('restore', elsewhere, '--force');
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'restored where',
      `It has not had ${NEWEST}: run "npm run migrate" before it is served.`,
      'It has had Tomorrow1999999999999, which this version does not know: serve it with the one that does.',
    ]);
  }, 60_000);

  it('row 23: brings every row back into an empty database', async () => {
    await store.study();
    const before = await Rows.of(store.database.url);
    const file = await store.create();
    const empty = await testDatabase(kind);
    await store.backupsOf(empty).restore(file, { force: false }, NEVER);
    await store.expectRows(before, empty.url);
    // What counts upwards goes on where it was.
    const test = await TestApp.on(empty);
    await test.make.subscriber();
    await test.stop();
  });

  it('makes a file that its owner alone can read, with a checksum beside it and nothing else', async () => {
    const file = await store.create();
    expect((await readdir(store.folder)).sort()).toEqual([basename(file), `${basename(file)}.sha256`]);
    expect(basename(file)).toMatch(OURS);
    expect((await store.backupsOf().lastSuccess())?.getTime()).toBeGreaterThan(Date.now() - 5000);
    const modes = await Promise.all([file, `${file}.sha256`].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
    expect(await readFile(`${file}.sha256`, 'utf8')).toBe(`${await sha256(file)}  ${basename(file)}\n`);
  });

  it('writes elsewhere when told to, but never over a file', async () => {
    const wanted = join(store.folder, 'else', 'where');
    await store.backupsOf().createAt(wanted, NEVER);
    await expect(store.backupsOf().createAt(wanted, NEVER)).rejects.toThrow(`${wanted} exists already`);
    expect(await store.backupsOf().verify(wanted, NEVER)).toEqual(MIGRATIONS);
    expect(await store.backupsOf().list()).toEqual([]);
  });

  it('replaces what is stored when it is forced to, and no less', async () => {
    const file = await store.create();
    const before = await Rows.of(store.database.url);
    await store.sql('CREATE TABLE not_in_the_backup (id integer)');
    await store.study();
    const grown = await Rows.of(store.database.url);
    await expect(store.restore(file, false)).rejects.toThrow('The database is not empty');
    await store.expectRows(grown);
    await store.restore(file, true);
    await store.expectRows(before);
  });

  it('refuses a backup that is none of this application, however sound it is', async () => {
    const file = await store.create();
    const before = await Rows.of(store.database.url);
    const foreign = await testDatabase(kind);
    await store.sql('CREATE TABLE migrations (id integer, timestamp integer, name text)', foreign);
    await store.sql("INSERT INTO migrations VALUES (1, 1, 'Another1')", foreign);
    const other = await store.backupsOf(foreign).createAt(join(store.folder, 'other'), NEVER);
    await foreign.drop();
    await expect(store.backupsOf().verify(other, NEVER)).rejects.toThrow('is no backup of Course Companion');
    await expect(store.restore(other, true)).rejects.toThrow('is no backup of Course Companion');
    await store.expectRows(before);
    expect(await store.backupsOf().verify(file, NEVER)).toEqual(MIGRATIONS);
  });

  it('passes over a folder that is named as a backup is', async () => {
    await mkdir(join(store.folder, `course-companion-20200102T030405Z${ending}`));
    expect(await store.backupsOf().list()).toEqual([]);
    await store.create();
    expect(await store.backupsOf().list()).toHaveLength(1);
  });

  it('keeps what is stored when the backup is damaged, wherever that shows', async () => {
    await store.study();
    const file = await store.create();
    await store.study();
    const before = await Rows.of(store.database.url);
    const broken = join(store.folder, 'broken');
    const expectRefusal = async (reason: string) => {
      await expect(store.restore(broken, true)).rejects.toThrow(reason);
      await expect(store.backupsOf().verify(broken, NEVER)).rejects.toThrow(reason);
      await store.expectRows(before);
    };
    const blessChecksum = async () => writeFile(`${broken}.sha256`, `${await sha256(broken)}  broken\n`);

    await expectRefusal('broken does not exist');
    await copyFile(file, broken);
    await expectRefusal('broken.sha256 is missing');
    await copyFile(`${file}.sha256`, `${broken}.sha256`);
    await truncate(broken, (await stat(broken)).size - 100);
    await expectRefusal('is not what its checksum was made of');
    const outcome = await store.backup('restore', broken, '--force');
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
    for (const name of [...names, ...strangers]) await writeFile(join(store.folder, name), 'x');
    for (const name of names) await writeFile(join(store.folder, `${name}.sha256`), 'x');
    await mkdir(join(store.folder, `.${names[0]}.making`));
    const file = basename(await store.create({ BACKUP_KEEP: '2' }));
    const kept = [names[2], `${names[2]}.sha256`, file, `${file}.sha256`, ...strangers];
    expect((await readdir(store.folder)).sort()).toEqual(kept.sort());
    await delay(1000);
    const next = basename(await store.create({ BACKUP_KEEP: '0' }));
    expect((await readdir(store.folder)).sort()).toEqual([...kept, next, `${next}.sha256`].sort());
  });

  it('leaves nothing behind where there is nothing to back up, or where it is broken off', async () => {
    const empty = await testDatabase(kind);
    await store.sql('CREATE TABLE strange (id integer)', empty);
    await expect(store.backupsOf(empty).create(new Date(), NEVER)).rejects.toThrow('There is nothing to back up');
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await expect(store.backupsOf().create(new Date(), stop.signal)).rejects.toThrow();
    expect(await readdir(store.folder)).toEqual([]);
    await empty.drop();
  });
});
