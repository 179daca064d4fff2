import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { PROJECT_ROOT } from '../src/common/project.js';
import { cli, outcomeOf, serve, start, stop } from './built.js';
import { failOn, violationsOf } from './contract.js';
import { eventually, until } from './eventually.js';
import { migrated, onEachDatabase, TEST_SECRET_KEY, testDatabase, type TestDatabase } from './test-app.js';

const SAMPLE = join(PROJECT_ROOT, 'content/modern-python-with-typing');

/** Asks over a real connection; rejects where the connection breaks. */
function ask(url: string, agent?: Agent): Promise<{ status?: number; connection?: string; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, { agent }, (answer: IncomingMessage) => {
      text(answer)
        .then((body) => {
          const { statusCode: status = 0, headers } = answer;
          const { pathname } = new URL(url);
          failOn(violationsOf({ method: 'GET', url: pathname, status, headers, body: Buffer.from(body) }));
          resolve({ status, connection: headers.connection, body });
        })
        .catch(reject);
    });
    request.on('error', reject);
  });
}

/** A request that takes 1.5 s, since a lock holds it. */
async function slowRequest(databaseUrl: string, url: string): Promise<{ answer: ReturnType<typeof ask> }> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE courses IN ACCESS EXCLUSIVE MODE');
  setTimeout(() => void client.end(), 1500);
  return { answer: ask(url) };
}

onEachDatabase((kind) => {
  let database: TestDatabase;
  let settings: NodeJS.ProcessEnv;
  beforeEach(async () => {
    database = await testDatabase(kind);
    settings = { DATABASE_URL: database.url };
  });
  afterEach(() => database.drop());

  it('sets up a fresh installation, serves the sample course, and leaves it alone the second time', async () => {
    const first = await cli(['setup'], settings);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain("loaded the sample course 'Modern Python with Typing'");
    const second = await cli(['setup'], settings);
    expect(second.stdout).toBe('the database is up to date\n');

    const server = await serve(settings);
    const courses = JSON.parse((await ask(`${server.url}/api/v1/courses`)).body) as { id: string }[];
    expect(courses.map(({ id }) => id)).toEqual(['modern-python-with-typing']);
    expect(await stop(server)).toBe(0);
  });

  it('leads a scripted learner through the sample course, to 100 %', async () => {
    await cli(['setup'], settings);
    const server = await serve(settings);
    const outcome = await outcomeOf(start('../demo/main.js', [], { ...settings, BASE_URL: server.url }));
    server.child.kill('SIGKILL');
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toMatch(
      /not passed[^]*passed, 70 %[^]*is locked[^]*has premium[^]*# 100 % of “Modern Python/,
    );
    expect(outcome.stdout).not.toMatch(/eyJ|secret of/);
  });

  it('shows the features that a model or rules answer on the sample course', async () => {
    await cli(['setup'], settings);
    const server = await serve(settings);
    const outcome = await outcomeOf(start('../demo/main.js', ['hybrid'], { ...settings, BASE_URL: server.url }));
    server.child.kill('SIGKILL');
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toMatch(/Not begun yet[^]*Your answer speaks of[^]*The course says in “Protocols/);
    expect(outcome.stdout).toMatch(/adaptive_learning: 1 used, 4 left[^]*mentor_sessions: 1 used, 1 left/);
  });

  it('imports, lists and removes courses, and says what it did', async () => {
    await cli(['migrate'], settings);
    const dry = await cli(['content', 'import', SAMPLE, '--dry-run'], settings);
    expect(dry.stdout).toContain('modern-python-with-typing: would be changed: 21 to add, 0 to change');
    expect(dry.stdout).toContain('  add     chapter  modern-python-with-typing-why-types\n');
    expect((await cli(['content', 'list'], settings)).stdout).toBe('There is no course yet.\n');

    expect((await cli(['content', 'import', SAMPLE], settings)).stdout).toContain('done: 21 to add');
    expect((await cli(['content', 'import', SAMPLE], settings)).stdout).toContain('nothing to change');
    expect((await cli(['content', 'list'], settings)).stdout).toContain('10 chapters, 10 quizzes  published');
    expect((await cli(['content', 'remove', 'modern-python-with-typing'], settings)).stdout).toContain('21 to remove');
    const unknown = await cli(['content', 'remove', 'nothing'], settings);
    expect([unknown.code, unknown.stderr]).toEqual([1, "Course 'nothing' does not exist\n"]);
  });

  it('imports the good packages and exits with 1 when another one has mistakes', async () => {
    await cli(['migrate'], settings);
    const broken = await mkdtemp(join(tmpdir(), 'broken-package-'));
    await cp(SAMPLE, broken, { recursive: true });
    const quiz = join(broken, 'quizzes/01-why-types.yaml');
    await writeFile(quiz, (await readFile(quiz, 'utf8')).replace('chapter_id:', 'chapter:'));
    const outcome = await cli(['content', 'import', broken, SAMPLE], settings);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`${quiz}:1: error: 'chapter' is not a key of a quiz`);
    expect(outcome.stderr).toContain('1 of 2 packages were not imported');
    expect(outcome.stdout).toContain('done: 21 to add');
    expect((await cli(['content', 'check', broken], settings)).code).toBe(1);
    expect((await cli(['content', 'check', SAMPLE], settings)).stdout).toContain(
      '10 chapters and 10 quizzes, no mistake',
    );
    await rm(broken, { recursive: true });
  });

  it('blames no id of a package that does not say which course it is', async () => {
    await cli(['setup'], settings);
    const broken = await mkdtemp(join(tmpdir(), 'broken-package-'));
    await cp(SAMPLE, broken, { recursive: true });
    const chapter = join(broken, 'chapters/01-why-types.md');
    const text = await readFile(chapter, 'utf8');
    await writeFile(chapter, text.replace('---\n', '---\nid: modern-python-with-typing-why-types\n'));
    await writeFile(join(broken, 'course.yaml'), 'title: No id\ndescription: None\n');
    const outcome = await cli(['content', 'import', broken], settings);
    expect(outcome.stderr.trim().split('\n')).toEqual([
      `${broken}/course.yaml:1: error: id: is missing`,
      '1 of 1 packages were not imported',
    ]);
    await rm(broken, { recursive: true });
  });

  it('says what to do where the database is not migrated', async () => {
    const outcome = await cli(['content', 'list'], settings);
    expect([outcome.code, outcome.stderr]).toEqual([
      1,
      'The database has no tables yet: run "npm run migrate" first.\n',
    ]);
  });

  it('row 17: on SIGTERM says that it is not ready, answers whoever comes until it is gone and exits with 0', async () => {
    await database.drop();
    database = await migrated(kind);
    const limits = { RATE_LIMIT_FLOOD: '1000000/minute', RATE_LIMIT_CHAPTERS_READ: '1000000/minute' };
    settings = { DATABASE_URL: database.url, SHUTDOWN_DRAIN_MS: '2500', ...limits };
    await cli(['content', 'import', SAMPLE], settings);
    const { child, url } = await serve(settings);
    const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const chapter = `${url}/api/v1/chapters/modern-python-with-typing-why-types`;
    const broken: string[] = [];
    const last = new Map<Agent, string | undefined>();
    const load = agents.map(async (agent) => {
      for (;;) {
        try {
          const answer = await ask(chapter, agent);
          if (answer.status !== 200) broken.push(`status ${answer.status}`);
          last.set(agent, answer.connection);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code !== 'ECONNREFUSED') broken.push(code ?? String(error));
          return;
        }
      }
    });
    await delay(200);
    const slow = kind === 'postgres' ? await slowRequest(database.url, `${url}/api/v1/courses`) : null;
    const exit = once(child, 'exit');
    const began = Date.now();
    child.kill('SIGTERM');
    let ready = await ask(`${url}/health/ready`);
    await eventually(async () => (ready = await ask(`${url}/health/ready`)).status, 503);
    expect(ready.connection).toBe('close');
    expect((await ask(`${url}/health/live`)).status).toBe(200);
    await Promise.all(load);
    expect(broken).toEqual([]);
    expect(agents.map((agent) => last.get(agent))).toEqual(agents.map(() => 'close'));
    if (slow) expect(await slow.answer).toMatchObject({ status: 200, connection: 'close' });
    expect((await exit)[0]).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});

it.each<[string, NodeJS.ProcessEnv]>([
  ['SECRET_KEY must be set in production', {}],
  ['SECRET_KEY', { SECRET_KEY: 'changeme' }],
  ['SECRET_KEY', { SECRET_KEY: 'too-short-9s3LqWk3v' }],
  ['ALGORITHM must be HS256, HS384 or HS512', { SECRET_KEY: TEST_SECRET_KEY, ALGORITHM: 'none' }],
])('row 29: does not start in production, and says: %s', async (reason, settings) => {
  const outcome = await outcomeOf(start('main.js', [], { NODE_ENV: 'production', LLM_PROVIDER: 'none', ...settings }));
  expect([outcome.code, outcome.stdout]).toEqual([1, '']);
  expect(outcome.stderr).toContain(`  ${reason}`);
  if (settings.SECRET_KEY) expect(outcome.stderr).not.toContain(settings.SECRET_KEY);
});

it('ends with the npm script that started it', async () => {
  const database = await migrated('sqlite');
  const env = { ...process.env, DATABASE_URL: database.url, PORT: '0', SHUTDOWN_DRAIN_MS: '0' };
  const npm = spawn('npm', ['run', 'start:prod'], { cwd: PROJECT_ROOT, env });
  let log = '';
  npm.stdout.on('data', (data) => (log += String(data)));
  await until(() => log.includes('Docs'));
  const url = /http:\/\/[\d.]+:\d+/.exec(log)?.[0] ?? '';
  npm.kill('SIGTERM');
  await once(npm, 'exit');
  await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  await database.drop();
});

it('ends on SIGTERM also where nothing else listens for it, as the first process of a container must', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'course-companion-'));
  const asks = ['users', 'create', '--email', 'ada@example.com', '--username', 'ada'];
  const child = start('cli.js', asks, {}, folder);
  await delay(300);
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(143);
  await rm(folder, { recursive: true });
});

describe('a configuration that cannot be used', () => {
  it('stops the start and names every bad key, also those of .env', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'course-companion-'));
    await writeFile(join(folder, '.env'), 'PORT=eighty\nLOG_LEVEL=loud\n');
    const outcome = await outcomeOf(
      start('main.js', [], { DATABASE_URL: 'mysql://x', NODE_ENV: 'production' }, folder),
    );
    expect(outcome.code).toBe(1);
    for (const key of ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'SECRET_KEY'])
      expect(outcome.stderr).toContain(`  ${key} must`);
    expect(outcome.stderr).not.toContain('    at ');
    await rm(folder, { recursive: true });
  });

  it('says which port is taken', async () => {
    const database = await migrated('sqlite');
    const server = await serve({ DATABASE_URL: database.url });
    const outcome = await outcomeOf(
      start('main.js', [], { DATABASE_URL: database.url, PORT: new URL(server.url).port }),
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('EADDRINUSE');
    await stop(server);
    await database.drop();
  });
});
