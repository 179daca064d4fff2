import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BackupStore, MIGRATIONS, NEVER } from './backup-store.js';
import { outcomeOf, start, stop } from './built.js';
import { until } from './eventually.js';
import { onEachDatabase } from './test-app.js';

onEachDatabase((kind) => {
  let store: BackupStore;
  beforeEach(async () => {
    store = await BackupStore.prepare(kind);
  });
  afterEach(() => store.tidy());

  it('two servers make one backup at each tick, and none when they have stopped', async () => {
    const settings = { BACKUP_DIR: store.folder, BACKUP_KEEP: '0' };
    const servers = await Promise.all([store.scheduled(settings), store.scheduled(settings)]);
    let log = '';
    for (const { child } of servers) child.stdout?.on('data', (data) => (log += String(data)));
    const early = await store.made();
    await until(async () => (await store.made()).length >= early.length + 3);
    expect(await Promise.all(servers.map(stop))).toEqual([0, 0]);
    const names = await store.made();
    const told = [...log.matchAll(/made \S+\/(course-companion-\d+T\d+Z\.\w+(?:\.gz)?)/g)].map(([, name]) => name);
    expect(told.sort()).toEqual(names.filter((name) => told.includes(name)));
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(log).not.toContain('failed');
    expect((await readdir(store.folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    for (const name of names)
      expect(await store.backupsOf().verify(join(store.folder, name), NEVER)).toEqual(MIGRATIONS);
    await delay(1200);
    expect(await store.made()).toEqual(names);
  });
});

it('a schedule that cannot be read stops the start', async () => {
  const outcome = await outcomeOf(start('main.js', [], { BACKUP_SCHEDULE: '61 * * * *' }));
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain("  BACKUP_SCHEDULE must be cron's five fields");
});

describe('on a SQLite file', () => {
  let store: BackupStore;
  beforeEach(async () => {
    store = await BackupStore.prepare('sqlite');
  });
  afterEach(() => store.tidy());

  it('a backup that fails is told and tried again, and the server serves on', async () => {
    const blocked = join(store.folder, 'blocked');
    await writeFile(blocked, 'no folder');
    const server = await store.scheduled({ BACKUP_DIR: blocked });
    let log = '';
    server.child.stdout?.on('data', (data) => (log += String(data)));
    await until(() => log.split('The backup failed and is tried again').length > 2);
    expect((await server.fetch('/metrics')).status).toBe(200);
    await rm(blocked);
    await until(() => log.includes(`made ${blocked}/course-companion-`));
    expect((await server.fetch('/health/ready')).status).toBe(200);
    expect(await stop(server)).toBe(0);
  });
});
