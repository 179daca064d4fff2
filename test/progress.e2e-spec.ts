import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'light-my-request';
import { DataSource } from 'typeorm';
import { Streak } from '../src/activity/streak.entity.js';
import { Clock } from '../src/common/clock.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { ChapterCompletion } from '../src/progress/chapter-completion.entity.js';
import type { CourseProgressDto, ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { User } from '../src/users/user.entity.js';
import { statementsOf } from './statements.js';
import { type Client, onEachDatabase, TestApp } from './test-app.js';

const codeOf = (answer: Response) => [answer.statusCode, answer.json<{ error_code?: string }>().error_code];
const progressOf = (answer: Response) => answer.json<ProgressChangeDto>().progress;

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({
      id: 'c',
      title: 'The course',
      chapters: [{}, { isPremium: true }, {}],
      quizzes: [{ id: 'q' }],
    });
    await test.make.course({ id: 'other' });
    await test.make.course({ id: 'hidden', published: false });
  });
  afterAll(() => test.stop());

  const complete = (client: Client, chapter: string, course = 'c', user = 'me') =>
    client.post(`progress/${user}/courses/${course}/chapters/${chapter}`);
  const read = async (client: Client, course = 'c') =>
    (await client.get(`progress/me/courses/${course}`)).json<UserProgressDto>();

  /** Does the work as if it were that moment. */
  async function at<T>(moment: string, work: () => Promise<T>): Promise<T> {
    const clock = jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(moment));
    try {
      return await work();
    } finally {
      clock.mockRestore();
    }
  }

  describe('progress', () => {
    it('of a course that is not begun is all zeros', async () => {
      const user = await test.make.learner();
      expect(await read(test.as(user))).toEqual({
        id: null,
        user_id: user.id,
        course_id: 'c',
        completed_chapters: [],
        quiz_scores: {},
        total_chapters: 3,
        completion_percentage: 0,
        streak_days: 0,
        longest_streak_days: 0,
        last_accessed: null,
        created_at: null,
        updated_at: null,
      });
      expect((await test.as(user).get('progress/me/courses')).json()).toEqual([]);
      for (const course of ['nothing', 'hidden']) {
        expect(codeOf(await test.as(user).get(`progress/me/courses/${course}`))).toEqual([404, 'COURSE_NOT_FOUND']);
      }
    });

    it('is read by an admin, and by no other learner', async () => {
      const [user, other, admin] = [await test.make.learner(), await test.make.learner(), await test.make.admin()];
      await complete(test.as(user), 'c-1');
      const path = `progress/${user.id}/courses`;
      expect((await test.as(admin).get(`${path}/c`)).json()).toMatchObject({
        completed_chapters: ['c-1'],
        streak_days: 1,
      });
      expect((await test.as(admin).get(path)).json<object[]>()).toHaveLength(1);
      expect(codeOf(await test.as(other).get(`${path}/c`))).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
      expect(codeOf(await complete(test.as(admin), 'c-1', 'c', user.id))).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
    });
  });

  describe('a completion', () => {
    it('is counted with its share of the whole course, by the order of the chapters', async () => {
      const client = test.as(await test.make.subscriber());
      await complete(client, 'c-3');
      const answer = await complete(client, 'c-1');
      expect(answer.json()).toMatchObject({
        message: 'Completed “Chapter 1”, 2 of 3 chapters',
        progress: {
          completed_chapters: ['c-1', 'c-3'],
          total_chapters: 3,
          completion_percentage: 66.67,
          streak_days: 1,
        },
      });
      expect(progressOf(await complete(client, 'c-2')).completion_percentage).toBe(100);
    });

    it('may come without a body, with an empty one, with a type and none, or with {}', async () => {
      const user = await test.make.learner();
      const url = '/api/v1/progress/me/courses/c/chapters/c-1';
      const headers = { authorization: test.tokenOf(user) };
      const json = { ...headers, 'content-type': 'application/json' };
      for (const request of [
        { headers },
        { headers: json },
        { headers: json, payload: '{}' },
        { headers: json, payload: '' },
      ]) {
        expect((await test.send({ method: 'POST', url, ...request })).statusCode).toBe(200);
      }
      expect((await test.as(user).post('progress/me/courses/c/chapters/c-1', { user_id: user.id })).statusCode).toBe(
        200,
      );
      expect((await test.as(user).post('progress/me/courses/c/chapters/c-1', { score: 1 })).statusCode).toBe(422);
    });

    it('row 2: done 50 times at once has one effect, and every time the same answer', async () => {
      const user = await test.make.learner();
      const answers = await Promise.all(Array.from({ length: 50 }, () => complete(test.as(user), 'c-1')));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map((answer) => JSON.stringify(progressOf(answer)))).size).toBe(1);
      expect(await read(test.as(user))).toMatchObject({ completed_chapters: ['c-1'], streak_days: 1 });
    });

    it('row 1: keeps every one of 50 that arrive at once', async () => {
      const user = await test.make.learner();
      const { course, chapters } = await test.make.course({ chapters: 50 });
      const answers = await Promise.all(chapters.map(({ id }) => complete(test.as(user), id, course.id)));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
      const progress = await read(test.as(user), course.id);
      expect(progress.completed_chapters).toEqual(chapters.map(({ id }) => id));
      expect(progress).toMatchObject({ completion_percentage: 100, streak_days: 1 });
    });

    it('keeps all of those that arrive at once in many courses', async () => {
      const user = await test.make.learner();
      const courses = await Promise.all(Array.from({ length: 10 }, () => test.make.course({ chapters: 2 })));
      const all = courses.flatMap(({ course, chapters }) =>
        chapters.map(({ id }) => complete(test.as(user), id, course.id)),
      );
      expect((await Promise.all(all)).map(({ statusCode }) => statusCode)).toEqual(all.map(() => 200));
      const list = (await test.as(user).get('progress/me/courses')).json<CourseProgressDto[]>();
      expect(list.map(({ completed_chapters }) => completed_chapters)).toEqual(courses.map(() => 2));
      expect(list[0].streak_days).toBe(1);
    });

    it('of a locked chapter takes a plan', async () => {
      expect(codeOf(await complete(test.as(await test.make.learner()), 'c-2'))).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
      expect((await complete(test.as(await test.make.subscriber()), 'c-2')).statusCode).toBe(200);
    });

    it.each([
      ['nothing', 'c', 'CHAPTER_NOT_FOUND'],
      ['other-1', 'c', 'CHAPTER_NOT_FOUND'],
      ['c-1', 'other', 'CHAPTER_NOT_FOUND'],
      ['c-1', 'nothing', 'COURSE_NOT_FOUND'],
      ['hidden-1', 'hidden', 'COURSE_NOT_FOUND'],
      ['hidden-1', 'c', 'CHAPTER_NOT_FOUND'],
    ])('of %s in %s is a 404 and leaves no trace', async (chapter, course, code) => {
      const user = await test.make.learner();
      expect(codeOf(await complete(test.as(user), chapter, course))).toEqual([404, code]);
      expect(codeOf(await test.as(user).delete(`progress/me/courses/${course}/chapters/${chapter}`))).toEqual([
        404,
        code,
      ]);
      expect(await test.app.get(DataSource).getRepository(ChapterCompletion).countBy({ userId: user.id })).toBe(0);
    });

    it('can be taken back, and the streak stays', async () => {
      const client = test.as(await test.make.learner());
      const path = 'progress/me/courses/c/chapters/c-1';
      expect(codeOf(await client.delete(path))).toEqual([404, 'COMPLETION_NOT_FOUND']);
      await complete(client, 'c-1');
      const answer = await client.delete(path);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({
        message: '“Chapter 1” is not completed any more, 0 of 3 chapters',
        progress: { completed_chapters: [], completion_percentage: 0, streak_days: 1 },
      });
      expect(codeOf(await client.delete(path))).toEqual([404, 'COMPLETION_NOT_FOUND']);
      expect(progressOf(await complete(client, 'c-1')).completed_chapters).toEqual(['c-1']);
    });

    it('that cannot be stored whole is not stored at all', async () => {
      const user = await test.make.learner();
      const { writer } = test.app.get(DatabaseConnection);
      await writer.query('ALTER TABLE streaks RENAME TO streaks_away');
      const answer = await complete(test.as(user), 'c-1');
      await writer.query('ALTER TABLE streaks_away RENAME TO streaks');
      expect(codeOf(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(await read(test.as(user))).toMatchObject({ id: null, completed_chapters: [] });
    });

    it('counts right when a later import takes its chapter away, or adds others', async () => {
      const client = test.as(await test.make.learner());
      const wanted = await test.make.course({ chapters: 4 });
      const { course, chapters } = wanted;
      for (const { id } of chapters.slice(0, 2)) await complete(client, id, course.id);
      await test.make.import({ ...wanted, chapters: chapters.slice(1) });
      expect(await read(client, course.id)).toMatchObject({
        completed_chapters: [chapters[1].id],
        total_chapters: 3,
        completion_percentage: 33.33,
      });
      await test.make.import(wanted);
      expect(await read(client, course.id)).toMatchObject({ total_chapters: 4, completion_percentage: 50 });
    });
  });

  describe('the list of courses', () => {
    it('holds those that are begun, the latest first, in pages', async () => {
      const client = test.as(await test.make.learner());
      const first = await test.make.course({ title: 'First', quizzes: [{}] });
      await at('2026-11-20T10:00:00Z', () => complete(client, first.chapters[0].id, first.course.id));
      await at('2026-11-21T10:00:00Z', () => complete(client, 'c-1'));
      const submission = { quiz_id: first.quizzes[0].id, answers: { q1: true } };
      await at('2026-11-22T10:00:00Z', () => client.post('quizzes/submit', submission));
      const answer = await at('2026-11-22T11:00:00Z', () => client.get('progress/me/courses'));
      expect(answer.json()).toEqual([
        {
          course_id: first.course.id,
          course_title: 'First',
          completed_chapters: 1,
          total_chapters: 3,
          completion_percentage: 33.33,
          quiz_scores: {
            [first.quizzes[0].id]: {
              score: 1,
              passed: true,
              best_score: 1,
              attempts: 1,
              date: '2026-11-22T10:00:00.000Z',
            },
          },
          streak_days: 3,
          last_accessed: '2026-11-22T10:00:00.000Z',
        },
        expect.objectContaining({ course_id: 'c', course_title: 'The course', quiz_scores: {}, streak_days: 3 }),
      ]);
      const page = await client.get('progress/me/courses?limit=1&offset=1');
      expect([page.headers['x-total-count'], page.json<CourseProgressDto[]>()[0].course_id]).toEqual(['2', 'c']);
      const short = (await client.get('progress/me/courses?include_scores=false')).json<CourseProgressDto[]>();
      expect(short).toMatchObject([
        { course_id: first.course.id, completed_chapters: 1, quiz_scores: null },
        { course_id: 'c', quiz_scores: null },
      ]);
      expect((await client.get('progress/me/courses?include_scores=no')).statusCode).toBe(422);
    });

    it('leaves out what is hidden', async () => {
      const client = test.as(await test.make.learner());
      const wanted = await test.make.course();
      await complete(client, wanted.chapters[0].id, wanted.course.id);
      await test.make.import({ ...wanted, course: { ...wanted.course, published: false } });
      expect((await client.get('progress/me/courses')).json()).toEqual([]);
    });
  });

  describe('the streak', () => {
    const inZone = async (timezone: string) => test.as(await test.make.learner({ timezone }));

    it('counts the learner’s own days, of completions and submissions in any course', async () => {
      const client = await inZone('America/New_York');
      await at('2026-11-20T04:30:00Z', () => complete(client, 'c-1'));
      expect((await at('2026-11-20T04:40:00Z', () => read(client))).streak_days).toBe(1);
      await at('2026-11-20T05:10:00Z', () => client.post('quizzes/submit', { quiz_id: 'q', answers: {} }));
      expect((await at('2026-11-20T05:20:00Z', () => read(client))).streak_days).toBe(2);
      await at('2026-11-22T04:00:00Z', () => complete(client, 'other-1', 'other'));
      expect(await at('2026-11-22T04:10:00Z', () => read(client, 'other'))).toMatchObject({ streak_days: 3 });
      expect((await at('2026-11-23T04:59:00Z', () => read(client))).streak_days).toBe(3);
      expect(await at('2026-11-23T05:00:00Z', () => read(client))).toMatchObject({
        streak_days: 0,
        longest_streak_days: 3,
      });
      await at('2026-11-25T12:00:00Z', () => complete(client, 'other-2', 'other'));
      expect(await at('2026-11-25T12:00:00Z', () => read(client))).toMatchObject({
        streak_days: 1,
        longest_streak_days: 3,
      });
    });

    it('does not grow by reading, nor by what was done before', async () => {
      const client = await inZone('UTC');
      await at('2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at('2026-11-21T10:00:00Z', async () => {
        await client.get('chapters/c-3');
        await complete(client, 'c-1');
        await client.get('quizzes/q');
      });
      expect(await at('2026-11-21T11:00:00Z', () => read(client))).toMatchObject({
        streak_days: 1,
        last_accessed: '2026-11-20T10:00:00.000Z',
      });
    });

    it('row 21: is right across midnight, and when the clock goes back', async () => {
      const client = await inZone('UTC');
      await at('2026-11-20T23:59:59.999Z', () => complete(client, 'c-1'));
      await at('2026-11-21T00:00:00.000Z', () => complete(client, 'c-3'));
      await at('2026-11-20T23:00:00.000Z', () => complete(client, 'other-1', 'other'));
      expect((await at('2026-11-21T00:10:00Z', () => read(client))).streak_days).toBe(2);
      await at('2026-11-22T00:00:00.000Z', () => complete(client, 'other-2', 'other'));
      expect((await at('2026-11-22T00:10:00Z', () => read(client))).streak_days).toBe(3);
    });

    it('grows once when two activities come at the same moment', async () => {
      const client = await inZone('UTC');
      await at('2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at('2026-11-21T10:00:00Z', () =>
        Promise.all([
          complete(client, 'c-3'),
          complete(client, 'other-1', 'other'),
          complete(client, 'other-2', 'other'),
          client.post('quizzes/submit', { quiz_id: 'q', answers: {} }),
        ]),
      );
      expect((await at('2026-11-21T10:00:00Z', () => read(client))).streak_days).toBe(2);
    });

    it('can be reset, and begins with 1 on the same day; the longest is kept', async () => {
      const user = await test.make.learner();
      const client = test.as(user);
      expect((await client.put('progress/me/streak/reset')).json()).toMatchObject({ user_id: user.id, streak_days: 0 });
      await at('2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at('2026-11-21T10:00:00Z', () => complete(client, 'c-3'));
      const answer = await at('2026-11-21T11:00:00Z', () => client.put('progress/me/streak/reset', {}));
      expect([answer.statusCode, answer.json<object>()]).toEqual([
        200,
        { message: expect.any(String) as string, user_id: user.id, streak_days: 0 },
      ]);
      expect(await at('2026-11-21T11:00:00Z', () => read(client))).toMatchObject({
        streak_days: 0,
        longest_streak_days: 2,
      });
      await at('2026-11-21T12:00:00Z', () => complete(client, 'other-1', 'other'));
      expect(await at('2026-11-21T12:00:00Z', () => read(client))).toMatchObject({
        streak_days: 1,
        longest_streak_days: 2,
      });
    });
  });

  describe('statements', () => {
    const count = async (work: () => Promise<unknown>) => (await statementsOf(test, work)).length;
    /** A learner whose account and plan are known from memory, after what was written before has been heard of. */
    const warm = async (user: User) => {
      await delay(300);
      const client = test.as(user);
      await client.get('auth/me');
      return client;
    };

    it('a completion takes as many in a course of 3 chapters as in one of 300', async () => {
      const counts: number[] = [];
      for (const size of [3, 300]) {
        const { course, chapters } = await test.make.course({ chapters: size });
        const client = await warm(await test.make.learner());
        await complete(client, chapters[0].id, course.id);
        counts.push(await count(() => complete(client, chapters[1].id, course.id)));
      }
      expect(counts[0]).toBe(counts[1]);
      expect(counts[0]).toBeLessThanOrEqual(16);
    });

    it('progress over 200 courses takes as many as over one', async () => {
      const [few, many] = [await test.make.learner(), await test.make.learner()];
      await complete(test.as(few), 'c-1');
      for (let i = 0; i < 200; i++) {
        const { course, chapters } = await test.make.course({ chapters: 1 });
        if (i === 0) await complete(test.as(many), chapters[0].id, course.id);
        else await test.make.begun(many, course.id, chapters[0].id);
      }
      const list = async (user: User, expected: number) => {
        const client = await warm(user);
        return count(async () => {
          const answer = await client.get('progress/me/courses?limit=200');
          expect(answer.json<object[]>()).toHaveLength(expected);
        });
      };
      expect(await list(few, 1)).toBe(await list(many, 200));
      expect(await list(many, 200)).toBe(2);
    });
  });

  it('deleting a user leaves nothing of what they did', async () => {
    const user = await test.make.learner();
    await complete(test.as(user), 'c-1');
    await test.as(user).post('quizzes/submit', { quiz_id: 'q', answers: {} });
    await test.make.deletion(user);
    const manager = test.app.get(DataSource).manager;
    expect(await manager.countBy(ChapterCompletion, { userId: user.id })).toBe(0);
    expect(await manager.countBy(Streak, { userId: user.id })).toBe(0);
  });
});
