import { setTimeout as delay } from 'node:timers/promises';
import { Rows } from '../drill/rows.js';
import { BackupError } from '../src/backup/backup-error.js';
import { UsersService } from '../src/users/users.service.js';
import { BackupStore, NEVER } from './backup-store.js';
import { cli } from './built.js';
import { DATABASE_KINDS, TestApp } from './test-app.js';

(DATABASE_KINDS.includes('postgres') ? describe : describe.skip)('on a PostgreSQL server', () => {
  let store: BackupStore;
  beforeEach(async () => {
    store = await BackupStore.prepare('postgres');
  });
  afterEach(() => store.tidy());

  it('is replaced under a server, which knows of it within a second', async () => {
    const test = await TestApp.on(store.database);
    try {
      const learner = await test.make.learner();
      const ask = async () => (await test.as(learner).get('auth/me')).statusCode;
      expect(await ask()).toBe(200);
      const file = await store.create();
      await test.app.get(UsersService).update(learner.id, { isActive: false });
      expect(await ask()).toBe(403);
      await store.restore(file, true);
      await delay(1000);
      expect(await ask()).toBe(200);
    } finally {
      await test.app.close();
    }
  });

  it('is replaced but for extensions and other schemas, which are not its own', async () => {
    await store.sql('CREATE EXTENSION pg_trgm');
    await store.sql('CREATE SCHEMA other CREATE TABLE kept (id integer)');
    const before = await Rows.of(store.database.url);
    await store.restore(await store.create(), true);
    await store.expectRows(before);
    await store.sql("SELECT similarity('a', 'b') FROM other.kept");
  });

  it('is not replaced where another schema hangs on it, which would go with it and is in no backup', async () => {
    await store.sql(`
      CREATE SCHEMA reports;
      CREATE VIEW reports.emails AS SELECT email FROM public.users;
      CREATE TABLE reports.audit (user_id varchar REFERENCES public.users);
      CREATE TABLE reports.typed (who public.users)`);
    const before = await Rows.of(store.database.url);
    const file = await store.create();
    const refusal = await store.restore(file, true).catch((error: Error) => error.message);
    expect(refusal).toContain('What lies in other schemas would go too, and is in no backup');
    for (const name of ['reports.emails', 'reports.audit', 'reports.typed']) expect(refusal).toContain(name);
    await store.expectRows(before);
    await store.sql('DROP SCHEMA reports CASCADE');
    await store.restore(file, true);
    await store.expectRows(before);
  });

  it('is replaced together with views of its own schema', async () => {
    await store.sql(
      'CREATE VIEW learners AS SELECT id, email FROM users; CREATE VIEW emails AS SELECT email FROM learners',
    );
    const before = await Rows.of(store.database.url);
    await store.restore(await store.create(), true);
    await store.expectRows(before);
    await store.sql('SELECT email FROM emails');
  });

  it('tells no password where it cannot be reached', async () => {
    const url = new URL(store.database.url);
    url.password = 'hunter2hunter2';
    url.pathname = '/there_is_no_such_database';
    const unknown = 'database "there_is_no_such_database" does not exist';
    const settings = { DATABASE_URL: url.href, BACKUP_DIR: store.folder };
    const { code, stdout, stderr } = await cli(['backup', 'create'], settings);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(unknown);
    expect(stderr).not.toContain('hunter2');
    const restoring = store
      .backupsOf({ ...store.database, url: url.href })
      .restore(await store.create(), { force: false }, NEVER);
    await expect(restoring).rejects.toThrow(new BackupError(`The database cannot be reached: ${unknown}`));
  });

  it('says which program is missing', async () => {
    const outcome = await cli(['backup', 'create'], {
      DATABASE_URL: store.database.url,
      BACKUP_DIR: store.folder,
      PATH: store.folder,
    });
    expect([outcome.code, outcome.stdout]).toEqual([1, '']);
    expect(outcome.stderr).toContain("pg_dump was not found: install PostgreSQL's client programs");
  });
});
