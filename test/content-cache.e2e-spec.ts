import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Representation } from '../src/common/representation.js';
import { CachedAnswer } from '../src/content-cache/cached-answer.js';
import { ContentCache } from '../src/content-cache/content-cache.js';
import { Course } from '../src/courses/course.entity.js';
import { Changes } from '../src/database/changes.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { Metrics } from '../src/metrics/metrics.js';
import type { Question } from '../src/quizzes/question.js';
import { cli } from './built.js';
import { eventually, until } from './eventually.js';
import { coursePackage } from './make.js';
import { onRedis, REDIS_URL } from './services.js';
import { statementsOf } from './statements.js';
import { TcpProxy } from './tcp-proxy.js';
import { HAS_REDIS, onEachDatabase, redisSettings, TestApp } from './test-app.js';

const TEXT = 'Plain words, again and again. '.repeat(100);

async function readsOf(test: TestApp, result: string): Promise<number> {
  const { values } = await test.app.get(Metrics).cacheReads.get();
  return values.find(({ labels }) => labels.result === result)?.value ?? 0;
}

onEachDatabase((kind) => {
  let here: TestApp;
  let there: TestApp;
  beforeAll(async () => {
    here = await TestApp.start(kind);
    there = await TestApp.on(here.database);
    for (const { app } of [here, there]) await until(() => app.get(Changes).isHeard);
  });
  afterAll(async () => {
    await there.app.close();
    await here.stop();
  });

  const titleAt = (test: TestApp, id: string) => async () =>
    (await test.get(`courses/${id}`)).json<{ title?: string }>().title;

  it('answers public content a second time without asking the database, byte for byte the same', async () => {
    const { course, chapters } = await here.make.course({ chapters: [{ content: TEXT }, {}], quizzes: [{}] });
    // The news of the course itself would else arrive between two reads, and have the revision read once more.
    await delay(500);
    const paths = [
      'courses',
      `courses/${course.id}`,
      `courses/${course.id}/chapters?limit=1`,
      `chapters/${chapters[0].id}`,
      `chapters/${chapters[0].id}/next`,
      `quizzes/${course.id}-quiz-1`,
      'search?q=words',
    ];
    for (const path of paths) {
      const first = await here.get(path);
      const same = ['content-type', 'cache-control', 'vary', 'etag', 'link', 'x-total-count', 'content-length'];
      const headersOf = ({ headers }: typeof first) => same.map((name) => headers[name]);
      let second = first;
      const statements = await statementsOf(here, async () => (second = await here.get(path)));
      const changes = statements.filter((sql) => !/data_version|SELECT 1/.test(sql));
      expect([path, second.statusCode, changes]).toEqual([path, 200, []]);
      expect([path, second.body, headersOf(second)]).toEqual([path, first.body, headersOf(first)]);
    }
  });

  it('keeps what is compressed, and knows it again by its tag', async () => {
    const { chapters } = await here.make.course({ chapters: [{ content: TEXT }] });
    const read = (headers: Record<string, string>) => here.get(`chapters/${chapters[0].id}`, headers);
    const plain = await read({});
    const tags = [plain.headers.etag];
    for (const [encoding, decode] of Object.entries({ gzip: gunzipSync, br: brotliDecompressSync })) {
      for (let time = 0; time < 2; time++) {
        const answer = await read({ 'accept-encoding': encoding });
        expect(answer.headers['content-encoding']).toBe(encoding);
        expect(decode(answer.rawPayload).toString()).toBe(plain.body);
        tags.push(answer.headers.etag);
      }
    }
    expect(new Set(tags).size).toBe(3);
    for (const tag of tags) {
      const answer = await read({ 'if-none-match': String(tag) });
      expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, '', tag]);
      const head = await here.send({
        method: 'HEAD',
        url: `/api/v1/chapters/${chapters[0].id}`,
        headers: { 'if-none-match': String(tag) },
      });
      expect([head.statusCode, head.headers.etag, head.headers['content-length']]).toEqual([304, tag, undefined]);
    }
  });

  it('tells others to cache what is read without a token, and the reader alone what is read with one', async () => {
    const { chapters } = await here.make.course();
    const learner = here.as(await here.make.learner());
    const path = `chapters/${chapters[0].id}`;
    for (let time = 0; time < 2; time++) {
      expect((await here.get(path)).headers['cache-control']).toMatch(/^public, /);
      expect((await learner.get(path)).headers['cache-control']).toBe('private, max-age=60');
    }
  });

  it('shows an import at once here, and within a second on every other instance', async () => {
    const { course } = await here.make.course({ title: 'before' });
    for (const test of [here, there]) await eventually(titleAt(test, course.id), 'before');
    await here.make.import(coursePackage({ id: course.id, title: 'after' }));
    expect(await titleAt(here, course.id)()).toBe('after');
    await eventually(titleAt(there, course.id), 'after');
  });

  it('grades by the key of the last import, at once here and within a second on every other instance', async () => {
    const wanted = coursePackage({ quizzes: [{}] });
    const [quiz] = wanted.quizzes;
    const learner = await here.make.learner();
    const submission = { quiz_id: quiz.id, answers: { q1: true } };
    const scoreAt = (test: TestApp) => async () =>
      (await test.as(learner).post('quizzes/submit', submission)).json<{ score?: number }>().score;
    await here.make.import(wanted);
    for (const test of [here, there]) await eventually(scoreAt(test), 1);
    const [question] = quiz.questions;
    await here.make.import({
      ...wanted,
      quizzes: [{ ...quiz, questions: [{ ...question, correctAnswer: false } as Question] }],
    });
    expect(await scoreAt(here)()).toBe(0);
    await eventually(scoreAt(there), 0);
  });

  it('lets nobody complete a chapter of a course that was taken away, within a second on every instance', async () => {
    const { course, chapters } = await here.make.course();
    const learner = await here.make.learner();
    const statusAt = (test: TestApp) => async () =>
      (await test.as(learner).post(`progress/me/courses/${course.id}/chapters/${chapters[0].id}`)).statusCode;
    for (const test of [here, there]) expect(await statusAt(test)()).toBe(200);
    expect((await cli(['content', 'remove', course.id], { DATABASE_URL: here.database.url })).code).toBe(0);
    for (const test of [here, there]) await eventually(statusAt(test), 404);
  });

  it('shows what the command line takes away, and what is changed by SQL, within a second', async () => {
    const { course } = await here.make.course({ title: 'before' });
    for (const test of [here, there]) await eventually(titleAt(test, course.id), 'before');
    const rename = (title: string) => (manager: { update: UnitOfWorkUpdate }) =>
      manager.update(Course, course.id, { title });
    await here.app.get(UnitOfWork).run(rename('by hand'));
    for (const test of [here, there]) await eventually(titleAt(test, course.id), 'by hand');
    expect((await cli(['content', 'remove', course.id], { DATABASE_URL: here.database.url })).code).toBe(0);
    for (const test of [here, there]) await eventually(titleAt(test, course.id), undefined);
  });

  it('is asked for by fifty at once, and asks the database once', async () => {
    const { chapters } = await here.make.course();
    const misses = await readsOf(here, 'miss');
    const answers = await Promise.all(Array.from({ length: 50 }, () => here.get(`chapters/${chapters[0].id}`)));
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect((await readsOf(here, 'miss')) - misses).toBe(1);
  });

  it('lets those wait who ask while an answer is being made, and fails for all of them if that fails', async () => {
    const cache = here.app.get(ContentCache);
    const answer = new CachedAnswer({}, new Representation(Buffer.from('made')));
    let made = 0;
    const ask = (name: string, outcome: () => CachedAnswer) =>
      Array.from({ length: 50 }, () =>
        cache.get(name, async () => {
          made++;
          await delay(20);
          return outcome();
        }),
      );
    expect(new Set(await Promise.all(ask('slow', () => answer)))).toEqual(new Set([answer]));
    expect(made).toBe(1);
    const fail = () => {
      throw new Error('broken');
    };
    const failed = await Promise.allSettled(ask('broken', fail));
    expect([made, new Set(failed.map(({ status }) => status))]).toEqual([2, new Set(['rejected'])]);
    expect(await Promise.all(ask('broken', () => answer))).toHaveLength(50);
    expect(made).toBe(3);
  });

  it('row 41: keeps nothing that a plan opens, and gives nobody what is closed to them', async () => {
    const { course, chapters } = await here.make.course({ chapters: [{}, { isPremium: true, content: 'CANARY\n' }] });
    const premium = here.as(await here.make.subscriber());
    const learner = here.as(await here.make.learner());
    const [path, list] = [`chapters/${chapters[1].id}`, `courses/${course.id}/chapters`];
    for (let time = 0; time < 2; time++) {
      for (const open of [path, list]) {
        const answer = await premium.get(open);
        expect(answer.body).toContain('CANARY');
        expect(answer.headers['cache-control']).toBe('private, no-store');
      }
      expect((await here.get(path)).statusCode).toBe(401);
      expect((await learner.get(path)).statusCode).toBe(403);
      for (const answer of [await here.get(list), await learner.get(list)]) {
        expect([answer.statusCode, answer.body.includes('CANARY')]).toEqual([200, false]);
      }
    }
  });

  it('answers fifty who read the same closed chapter at once', async () => {
    const { chapters } = await here.make.course({ chapters: [{ isPremium: true, content: 'CANARY\n' }] });
    const premium = here.as(await here.make.subscriber());
    const answers = await Promise.all(Array.from({ length: 50 }, () => premium.get(`chapters/${chapters[0].id}`)));
    for (const answer of answers) expect([answer.statusCode, answer.body.includes('CANARY')]).toEqual([200, true]);
  });

  it('keeps no error, and no more than it may', async () => {
    expect((await here.get('chapters/later-1')).statusCode).toBe(404);
    await here.make.course({ id: 'later' });
    expect((await here.get('chapters/later-1')).statusCode).toBe(200);
    const small = await TestApp.on(here.database, { settings: { CACHE_MEMORY_MB: '1' } });
    for (let limit = 1; limit <= 100; limit++) await small.get(`courses?limit=${limit}`);
    const { values } = await small.app.get(Metrics).cacheBytes.get();
    expect(values[0].value).toBeLessThanOrEqual(1024 * 1024);
    await small.app.close();
  });
});

type UnitOfWorkUpdate = (entity: typeof Course, id: string, values: { title: string }) => Promise<unknown>;

(HAS_REDIS ? describe : describe.skip)('with Redis', () => {
  it('row 41: gives another instance what one has made, and never a body that a plan opens', async () => {
    const settings = redisSettings();
    const one = await TestApp.start('sqlite', { settings });
    const { course, chapters } = await one.make.course({
      chapters: [{ content: TEXT }, { isPremium: true, content: 'CANARY\n' }],
      quizzes: [
        {
          questions: [
            { id: 'q', type: 'short_text', question: '?', points: 1, correctAnswer: 'CANARY', acceptedAnswers: [] },
          ],
        },
      ],
    });
    const premium = one.as(await one.make.subscriber());
    const quiz = `quizzes/${course.id}-quiz-1`;
    const listed = await one.get(`courses/${course.id}/chapters?limit=2`);
    for (const path of [`chapters/${chapters[0].id}`, quiz, 'search?q=canary']) await one.get(path);
    for (const path of [`chapters/${chapters[1].id}`, `courses/${course.id}/chapters`, quiz]) await premium.get(path);

    const other = await TestApp.on(one.database, { settings });
    await eventually(async () => (await other.get('/health/ready')).statusCode, 200);
    const answer = await other.get(`courses/${course.id}/chapters?limit=2`);
    expect([answer.body, answer.headers.etag, answer.headers['x-total-count']]).toEqual([
      listed.body,
      listed.headers.etag,
      '2',
    ]);
    expect(await readsOf(other, 'redis')).toBe(1);
    const gzip = await other.get(`courses/${course.id}/chapters?limit=2`, { 'accept-encoding': 'gzip' });
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(listed.body);

    const stored = await onRedis(async (client) => {
      const keys = await client.keys(`${settings.REDIS_PREFIX}content:*`);
      expect(await client.ttl(keys[0])).toBeGreaterThan(0);
      return (await Promise.all(keys.map((key) => client.getBuffer(key)))).map(String);
    });
    expect(stored.length).toBeGreaterThanOrEqual(4);
    expect(stored.join('\n')).not.toContain('CANARY');
    await other.app.close();
    await one.stop();
  });

  it('takes what is broken there, and Redis that is away or silent, as a miss', async () => {
    const proxy = await TcpProxy.start(REDIS_URL);
    const settings: NodeJS.ProcessEnv = { ...redisSettings(), REDIS_URL: proxy.url, CACHE_MEMORY_MB: '0' };
    const test = await TestApp.start('sqlite', { settings });
    const { course } = await test.make.course();
    const read = async () => (await test.get(`courses/${course.id}`)).statusCode;
    expect(await read()).toBe(200);
    await onRedis(async (client) => {
      const keys = await client.keys(`${settings.REDIS_PREFIX}content:*`);
      for (const key of keys) await client.set(key, 'broken');
    });
    expect(await read()).toBe(200);
    proxy.freeze();
    const began = performance.now();
    for (let time = 0; time < 5; time++) expect(await read()).toBe(200);
    expect(performance.now() - began).toBeLessThan(1000);
    await proxy.kill();
    expect(await read()).toBe(200);
    await test.stop();
  });
});

it('reads while no change can be heard', async () => {
  const test = await TestApp.start('sqlite');
  const { course } = await test.make.course({ title: 'before' });
  expect((await test.get(`courses/${course.id}`)).statusCode).toBe(200);
  const changes = test.app.get(Changes);
  jest.spyOn(changes, 'isHeard', 'get').mockReturnValue(false);
  await test.app.get(DatabaseConnection).writer.query("UPDATE courses SET title = 'after'");
  expect((await test.get(`courses/${course.id}`)).json<{ title: string }>().title).toBe('after');
  await test.stop();
});
