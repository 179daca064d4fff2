import { DataSource } from 'typeorm';
import { Streak } from '../src/activity/streak.entity.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { ChapterCompletion } from '../src/progress/chapter-completion.entity.js';
import type { CourseProgressDto } from '../src/progress/progress.dto.js';
import { codeOf, statusesOf } from './answers.js';
import { at, complete, makeCourses, progressOf, readProgress } from './studying.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await makeCourses(test);
    await test.make.course({ id: 'hidden', published: false });
  });
  afterAll(() => test.stop());

  describe('progress', () => {
    it('of a course that is not begun is all zeros', async () => {
      const user = await test.make.learner();
      expect(await readProgress(test.as(user))).toEqual({
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
      expect(statusesOf(answers)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map((answer) => JSON.stringify(progressOf(answer)))).size).toBe(1);
      expect(await readProgress(test.as(user))).toMatchObject({ completed_chapters: ['c-1'], streak_days: 1 });
    });

    it('row 1: keeps every one of 50 that arrive at once', async () => {
      const user = await test.make.learner();
      const { course, chapters } = await test.make.course({ chapters: 50 });
      const answers = await Promise.all(chapters.map(({ id }) => complete(test.as(user), id, course.id)));
      expect(statusesOf(answers)).toEqual(answers.map(() => 200));
      const progress = await readProgress(test.as(user), course.id);
      expect(progress.completed_chapters).toEqual(chapters.map(({ id }) => id));
      expect(progress).toMatchObject({ completion_percentage: 100, streak_days: 1 });
    });

    it('keeps all of those that arrive at once in many courses', async () => {
      const user = await test.make.learner();
      const courses = await Promise.all(Array.from({ length: 10 }, () => test.make.course({ chapters: 2 })));
      const all = courses.flatMap(({ course, chapters }) =>
        chapters.map(({ id }) => complete(test.as(user), id, course.id)),
      );
      expect(statusesOf(await Promise.all(all))).toEqual(all.map(() => 200));
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
      expect(await readProgress(test.as(user))).toMatchObject({ id: null, completed_chapters: [] });
    });

    it('counts right when a later import takes its chapter away, or adds others', async () => {
      const client = test.as(await test.make.learner());
      const wanted = await test.make.course({ chapters: 4 });
      const { course, chapters } = wanted;
      for (const { id } of chapters.slice(0, 2)) await complete(client, id, course.id);
      await test.make.import({ ...wanted, chapters: chapters.slice(1) });
      expect(await readProgress(client, course.id)).toMatchObject({
        completed_chapters: [chapters[1].id],
        total_chapters: 3,
        completion_percentage: 33.33,
      });
      await test.make.import(wanted);
      expect(await readProgress(client, course.id)).toMatchObject({ total_chapters: 4, completion_percentage: 50 });
    });
  });

  describe('the list of courses', () => {
    it('holds those that are begun, the latest first, in pages', async () => {
      const client = test.as(await test.make.learner());
      const first = await test.make.course({ title: 'First', quizzes: [{}] });
      await at(test, '2026-11-20T10:00:00Z', () => complete(client, first.chapters[0].id, first.course.id));
      await at(test, '2026-11-21T10:00:00Z', () => complete(client, 'c-1'));
      const submission = { quiz_id: first.quizzes[0].id, answers: { q1: true } };
      await at(test, '2026-11-22T10:00:00Z', () => client.post('quizzes/submit', submission));
      const answer = await at(test, '2026-11-22T11:00:00Z', () => client.get('progress/me/courses'));
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
