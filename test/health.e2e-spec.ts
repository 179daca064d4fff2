import { Chapter } from '../src/chapters/chapter.entity.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { until } from './eventually.js';
import { TcpProxy } from './tcp-proxy.js';
import {
  createCheckedApp,
  DATABASE_KINDS,
  HAS_REDIS,
  migrated,
  onEachDatabase,
  TestApp,
  testConfig,
  testDatabase,
} from './test-app.js';

interface Health {
  status: string;
  details: Record<string, { status: string; message?: string }>;
}

onEachDatabase((kind) => {
  it('is live, ready and well with a course', async () => {
    const test = await TestApp.start(kind);
    await test.make.course();
    for (const path of ['/health/live', '/health/ready', '/health']) {
      const answer = await test.get(path);
      expect([path, answer.statusCode, answer.json<Health>().status]).toEqual([path, 200, 'ok']);
    }
    expect(Object.keys((await test.get('/health')).json<Health>().details)).toEqual([
      'lifecycle',
      'database',
      'migrations',
      'content',
      'llm',
      ...(kind === 'postgres' && HAS_REDIS ? ['redis'] : []),
    ]);
    await test.stop();
  });

  it('is ready without any course, but tells of it', async () => {
    const test = await TestApp.start(kind);
    expect((await test.get('/health/ready')).statusCode).toBe(200);
    const answer = await test.get('/health');
    expect([answer.statusCode, answer.json<Health>().details.content.status]).toEqual([503, 'down']);
    await test.stop();
  });

  it('tells when the chapters of a course are not linked', async () => {
    const test = await TestApp.start(kind);
    const { chapters } = await test.make.course();
    await test.app.get(UnitOfWork).run((manager) => manager.update(Chapter, chapters[0].id, { nextChapterId: null }));
    expect((await test.get('/health')).json<Health>().details.content.status).toBe('down');
    await test.stop();
  });

  it('is not ready, but live and 503 to others, before the database is migrated', async () => {
    const database = await testDatabase(kind);
    const app = await createCheckedApp(testConfig(database));
    await app.init();
    const get = (url: string) => app.inject({ method: 'GET', url });
    expect((await get('/health/live')).statusCode).toBe(200);
    const ready = await get('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json<Health>().details).toMatchObject({ database: { status: 'up' }, migrations: { status: 'down' } });
    expect((await get('/api/v1/courses')).statusCode).toBe(503);
    await app.close();
    await database.drop();
  });
});

(DATABASE_KINDS.includes('postgres') ? describe : describe.skip)('row 14: a database that comes late', () => {
  it('lets the process start and live, and makes it ready when it is there', async () => {
    const database = await migrated('postgres');
    const closed = await TcpProxy.start(database.url);
    await closed.kill();
    const app = await createCheckedApp(testConfig({ ...database, url: closed.url }));
    await app.init();
    const status = async (url: string) => (await app.inject({ method: 'GET', url })).statusCode;
    expect([await status('/health/live'), await status('/health/ready'), await status('/api/v1/courses')]).toEqual([
      200, 503, 503,
    ]);
    const ready = await app.inject({ method: 'GET', url: '/health/ready' });
    expect(ready.body).toContain('The database cannot be reached');
    expect(ready.body).not.toContain('ECONN');

    const open = await TcpProxy.start(database.url, closed.port);
    await until(async () => (await status('/health/ready')) === 200);
    expect(await status('/api/v1/courses')).toBe(200);
    await app.close();
    await open.kill();
    await database.drop();
  });
});
