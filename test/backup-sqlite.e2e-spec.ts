import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Rows } from '../drill/rows.js';
import { BackupStore, NEVER } from './backup-store.js';
import { serve } from './built.js';
import type { TestDatabase } from './test-app.js';

describe('on a SQLite file', () => {
  let store: BackupStore;
  let path: string;
  beforeEach(async () => {
    store = await BackupStore.prepare('sqlite');
    path = store.database.url.replace('sqlite:', '');
  });
  afterEach(() => store.tidy());

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
    const file = await store.create();
    clearInterval(writing);
    writer.close();
    expect(written).toBeGreaterThan(10);
    const copy: TestDatabase = { ...store.database, url: `sqlite:${join(store.folder, 'copy.db')}` };
    await store.backupsOf(copy).restore(file, { force: false }, NEVER);
    const restored = new Sqlite(join(store.folder, 'copy.db'), { readonly: true });
    const { pairs } = restored.prepare('SELECT COUNT(*) AS pairs FROM pairs').get() as { pairs: number };
    restored.close();
    expect(pairs).toBeGreaterThanOrEqual(6000);
    expect(pairs).toBeLessThanOrEqual(6000 + 2 * written);
    expect(pairs % 2).toBe(0);
  });

  it('is not replaced under a server that has it open', async () => {
    const file = await store.create();
    const before = await Rows.of(store.database.url);
    const server = await serve({ DATABASE_URL: store.database.url });
    await expect(store.restore(file, true)).rejects.toThrow(
      `${path} is open in another process: stop the server first`,
    );
    expect((await server.fetch('/health/ready')).status).toBe(200);
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    await store.restore(file, true);
    expect(await readdir(dirname(path))).toEqual([basename(path)]);
    await store.expectRows(before);
  });

  it('is replaced where it cannot be read any more', async () => {
    const before = await Rows.of(store.database.url);
    const file = await store.create();
    await writeFile(path, 'this is no database');
    await writeFile(`${path}-wal`, 'nor is this its log');
    await expect(store.backupsOf().create(new Date(0), NEVER)).rejects.toThrow('The database cannot be read');
    await expect(store.restore(file, false)).rejects.toThrow('The database is not empty');
    await store.restore(file, true);
    await store.expectRows(before);
  });
});
