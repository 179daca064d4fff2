import type { Response } from 'light-my-request';
import type { QuizDto } from '../src/quizzes/quizzes.dto.js';
import { codeOf } from './answers.js';
import { canariesIn, makeQuizzes, QUESTIONS, resultOf, submit } from './quiz-of-every-type.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await makeQuizzes(test);
    await test.make.course({ id: 'hidden', published: false, quizzes: [{ id: 'hidden-quiz' }] });
  });
  afterAll(() => test.stop());

  const learner = async () => test.as(await test.make.learner());

  describe('a quiz', () => {
    it('row 27: is read with its questions and options, and without an answer', async () => {
      const answer = await test.anonymous.get('quizzes/all');
      expect(answer.statusCode).toBe(200);
      const { questions, ...quiz } = answer.json<QuizDto>();
      expect(quiz).toEqual({
        id: 'all',
        course_id: 'c',
        chapter_id: 'c-1',
        title: 'Quiz 1',
        passing_score: 0.7,
        is_premium: false,
        question_count: 7,
        created_at: expect.any(String) as string,
        updated_at: expect.any(String) as string,
      });
      expect(questions?.map(({ id, type, points }) => [id, type, points])).toEqual(
        QUESTIONS.map(({ id, type, points }) => [id, type, points]),
      );
      for (const question of questions ?? []) {
        expect(
          Object.keys(question)
            .filter((key) => key !== 'options')
            .sort(),
        ).toEqual(['id', 'points', 'question', 'type']);
      }
      expect(canariesIn(answer.body)).toEqual([]);
    });

    it('shows what is to be ordered shuffled, always the same way', async () => {
      const read = async () => (await test.anonymous.get('quizzes/all')).json<QuizDto>().questions?.[5].options;
      const options = await read();
      expect(options).not.toEqual(['w', 'x', 'y', 'z']);
      expect([...(options ?? [])].sort()).toEqual(['w', 'x', 'y', 'z']);
      expect(await read()).toEqual(options);
    });

    it('that is premium, or of a premium chapter, takes a plan', async () => {
      const premium = test.as(await test.make.subscriber());
      const free = await learner();
      for (const id of ['premium', 'in-premium']) {
        expect(codeOf(await test.anonymous.get(`quizzes/${id}`))).toEqual([401, 'USER_NOT_AUTHENTICATED']);
        expect(codeOf(await free.get(`quizzes/${id}`))).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
        expect((await premium.get(`quizzes/${id}`)).json()).toMatchObject({ id, is_premium: true });
        expect(codeOf(await submit(free, id, { q1: true }))).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
        expect(resultOf(await submit(premium, id, { q1: true }))).toMatchObject({ score: 1, passed: true });
      }
    });

    it('that does not exist, or whose course is hidden, is not found', async () => {
      for (const id of ['nothing', 'hidden-quiz']) {
        expect(codeOf(await test.anonymous.get(`quizzes/${id}`))).toEqual([404, 'QUIZ_NOT_FOUND']);
        expect(codeOf(await submit(await learner(), id, {}))).toEqual([404, 'QUIZ_NOT_FOUND']);
      }
      expect((await test.anonymous.get('quizzes/%20')).statusCode).toBe(422);
    });

    it('row 41: is cached for the anonymous alone', async () => {
      const anonymous = await test.anonymous.get('quizzes/all');
      expect(anonymous.headers['cache-control']).toMatch(/^public/);
      const signedIn = await (await learner()).get('quizzes/all');
      expect([signedIn.headers['cache-control'], signedIn.headers.etag]).toEqual(['private, no-store', undefined]);
    });
  });

  describe('attempts', () => {
    it('are listed with the newest first, in pages, and are the caller’s own', async () => {
      const user = await test.make.learner();
      const client = test.as(user);
      for (const one of ['a', 'b', 'c']) await submit(client, 'all', { one });
      const answer = await client.get('quizzes/attempts/me/all?limit=2');
      expect(answer.headers['x-total-count']).toBe('3');
      expect(answer.headers.link).toContain('rel="next"');
      expect(answer.json()).toMatchObject([
        { user_id: user.id, quiz_id: 'all', answers: { one: 'c' }, score: 0, passed: false },
        { answers: { one: 'b' } },
      ]);
      expect((await client.get('quizzes/attempts/me/last')).json()).toEqual([]);
      expect(codeOf(await client.get('quizzes/attempts/me/nothing'))).toEqual([404, 'QUIZ_NOT_FOUND']);
      const admin = test.as(await test.make.admin());
      expect((await admin.get(`quizzes/attempts/${user.id}/all`)).json<object[]>()).toHaveLength(3);
    });
  });

  describe('the quizzes of a course', () => {
    const idsOf = (answer: Response) => answer.json<QuizDto[]>().map(({ id }) => id);

    it('are those that the plan opens, by the order of the chapters', async () => {
      const free = await learner();
      const user = await test.make.subscriber();
      expect(idsOf(await free.get('quizzes/user/me/course/c'))).toEqual([
        'all',
        'after-pass',
        'never',
        'essays',
        'afterthought',
        'last',
      ]);
      const all = ['all', 'premium', 'after-pass', 'never', 'essays', 'afterthought', 'in-premium', 'last'];
      expect(idsOf(await test.as(user).get('quizzes/user/me/course/c'))).toEqual(all);
      const admin = test.as(await test.make.admin());
      expect(codeOf(await admin.get('quizzes/user/nobody/course/c'))).toEqual([404, 'USER_NOT_FOUND']);
      expect(codeOf(await admin.get('quizzes/attempts/nobody/all'))).toEqual([404, 'USER_NOT_FOUND']);
      expect(idsOf(await admin.get(`quizzes/user/${user.id}/course/c`))).toHaveLength(8);
      const page = await free.get('quizzes/user/me/course/c?limit=2&offset=1&include_questions=false');
      expect(page.json()).toMatchObject([
        { id: 'after-pass', questions: null, question_count: 7 },
        { id: 'never', questions: null },
      ]);
      expect(page.headers['x-total-count']).toBe('6');
      expect(codeOf(await free.get('quizzes/user/me/course/nothing'))).toEqual([404, 'COURSE_NOT_FOUND']);
      expect(codeOf(await free.get('quizzes/user/me/course/hidden'))).toEqual([404, 'COURSE_NOT_FOUND']);
      expect((await free.get('quizzes/user/me/course/c?include_questions=yes')).statusCode).toBe(422);
    });
  });
});
