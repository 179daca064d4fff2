import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { PackageQuiz } from '../src/content/course-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { QuizAttempt } from '../src/quizzes/quiz-attempt.entity.js';
import { codeOf, statusesOf } from './answers.js';
import { CANARY, canariesIn, KEYS, makeQuizzes, NUMBER, resultOf, submit } from './quiz-of-every-type.js';
import { at } from './studying.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await makeQuizzes(test);
  });
  afterAll(() => test.stop());

  const learner = async () => test.as(await test.make.learner());
  const rowsOf = (userId: string) => test.app.get(DataSource).getRepository(QuizAttempt).countBy({ userId });

  describe('a submission', () => {
    it('is graded, explained and counted', async () => {
      const user = await test.make.learner();
      const answer = await submit(test.as(user), 'all', { ...KEYS, many: ['a'], number: 1, word: null });
      expect(answer.statusCode).toBe(200);
      const result = resultOf(answer);
      expect(result).toMatchObject({
        attempt_id: expect.any(Number) as number,
        quiz_id: 'all',
        passed: false,
        passing_score: 0.7,
        completed_at: expect.stringMatching(/Z$/) as string,
      });
      expect(result.score).toBeCloseTo(3.5 / 6, 12);
      const byId = Object.fromEntries(result.results.map(({ question_id, ...rest }) => [question_id, rest]));
      expect(byId.one).toEqual({
        correct: true,
        score: 1,
        points: 1,
        correct_answer: 'b',
        explanation: `${CANARY}one`,
        option_explanations: { a: `${CANARY}option` },
      });
      expect(byId.many).toEqual({
        correct: false,
        score: 0.5,
        points: 1,
        correct_answer: ['a', 'c'],
        explanation: `${CANARY}many`,
      });
      expect(byId.number).toEqual({ correct: false, score: 0, points: 1, correct_answer: NUMBER });
      expect(byId.order).toMatchObject({ correct: true, correct_answer: ['w', 'x', 'y', 'z'] });
      expect(byId.word).toEqual({ correct: false, score: 0, points: 1 });
      expect(byId.essay).toEqual({ correct: null, score: null, points: 5 });
      expect(result.feedback).toBe(
        '3 of 6 questions right, 58.3 % in all: not passed, 11.7 % short of the 70 % that are needed. ' +
          'Right: one, yes, order. 1 question had no answer. Read “The first chapter” again and try once more. ' +
          '1 free-text answer not graded here.',
      );
      expect((await test.as(user).get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { score: result.score, passed: false, best_score: result.score, attempts: 1 } },
        streak_days: 1,
        last_accessed: result.completed_at,
      });
    });

    it('with the whole key passes with 1', async () => {
      const result = resultOf(await submit(await learner(), 'all', KEYS));
      expect(result).toMatchObject({ score: 1, passed: true });
      expect(result.feedback).toBe(
        '6 of 6 questions right, 100 % in all: passed, 70 % were needed. 1 free-text answer not graded here.',
      );
    });

    it('row 27: shows answers when the quiz says so, and never of a question that had none', async () => {
      const client = await learner();
      const shown = async (quiz: string, answers: object) =>
        resultOf(await submit(client, quiz, answers)).results.filter((result) => 'correct_answer' in result).length;
      expect(await shown('all', {})).toBe(0);
      expect(await shown('all', { one: 'a' })).toBe(1);
      expect(await shown('all', { one: null, many: [], word: ' "" ' })).toBe(0);
      expect(await shown('after-pass', { ...KEYS, one: 'a', number: 1, yes: false })).toBe(0);
      expect(await shown('after-pass', { ...KEYS, one: 'a' })).toBe(6);
      expect(await shown('never', KEYS)).toBe(0);
    });

    it('row 27: leaves the key in no answer before it is earned', async () => {
      const client = await learner();
      const answers = [
        await test.anonymous.get('quizzes/all'),
        await client.get('quizzes/all'),
        await client.get('quizzes/user/me/course/c'),
        await client.get('quizzes/attempts/me/all'),
        await submit(client, 'all', {}),
        await submit(client, 'all', { nothing: 1 }),
        await submit(client, 'all', { one: 'x', number: 'x', order: ['w'], word: { a: 1 } }),
        await submit(client, 'never', { ...KEYS, word: 'x', number: 1 }),
        await client.get('quizzes/attempts/me/never'),
        await client.get('auth/me/export'),
        await test.anonymous.get('courses/c/chapters'),
        await client.get('progress/me/courses/c'),
      ];
      expect(answers.flatMap(({ body }) => canariesIn(body))).toEqual([]);
    });

    it.each([
      [{ answers: { nothing: 1 } }, 'answers.nothing'],
      [{ answers: { one: 'x' } }, 'answers.one'],
      [{ answers: { one: 'a', many: 'x', yes: 2 } }, 'answers.many'],
      [{ answers: [] }, 'answers'],
      [{ answers: 'a' }, 'answers'],
      [{ answers: null }, 'answers'],
      [{ answers: { one: { a: 1 } } }, 'answers.one'],
      [{ answers: { constructor: 1 } }, 'answers.constructor'],
      [{ answers: { one: 'a\u0000' } }, 'answers.one'],
      [{ quiz_id: 'a b' }, 'quiz_id'],
      [{ quiz_id: 1 }, 'quiz_id'],
      [{ quiz_id: 'essays', answers: { essay: 'x' } }, 'quiz_id'],
      [{ submission_id: '1' }, 'submission_id'],
      [{ submission_id: null }, 'submission_id'],
      [{ score: 1 }, 'score'],
      [{ passed: true }, 'passed'],
      [{ user_id: 1 }, 'user_id'],
    ])('row 26, row 36: such as %j is refused, names the field and stores nothing', async (wish, field) => {
      const user = await test.make.learner();
      const answer = await submit(test.as(user), 'all', {}, wish);
      expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
      expect(answer.json<{ errors: { field: string }[] }>().errors[0].field).toBe(field);
      expect(await rowsOf(user.id)).toBe(0);
      expect((await test.as(user).get('progress/me/courses/c')).json()).toMatchObject({ id: null, quiz_scores: {} });
    });

    it('is for the caller alone', async () => {
      const [one, other] = [await test.make.learner(), await test.make.learner()];
      expect(codeOf(await submit(test.as(one), 'all', KEYS, { user_id: other.id }))).toEqual([
        403,
        'INSUFFICIENT_PERMISSIONS',
      ]);
      expect((await submit(test.as(one), 'all', KEYS, { user_id: one.id })).statusCode).toBe(200);
      expect((await submit(test.as(one), 'all', KEYS, { user_id: 'me' })).statusCode).toBe(200);
      expect([await rowsOf(one.id), await rowsOf(other.id)]).toEqual([2, 0]);
    });

    it('row 2: with a submission_id is stored once, however many copies come together', async () => {
      const user = await test.make.learner();
      const submission_id = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => submit(test.as(user), 'all', KEYS, { submission_id })),
      );
      expect(statusesOf(answers)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(await rowsOf(user.id)).toBe(1);
      expect((await test.as(user).get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { attempts: 1 } },
        streak_days: 1,
      });
    });

    it('row 2: gets the first result again after a restart, and after the quiz has changed', async () => {
      const user = await test.make.learner();
      const submission_id = randomUUID();
      const wanted = await test.make.course({ quizzes: [{}] });
      const quiz = wanted.quizzes[0].id;
      const first = await submit(test.as(user), quiz, { q1: true }, { submission_id });
      const changed: PackageQuiz = {
        ...wanted.quizzes[0],
        questions: [{ id: 'other', type: 'true_false', question: '?', points: 1, correctAnswer: false }],
      };
      await test.make.import({ ...wanted, quizzes: [changed] });
      const restarted = await TestApp.on(test.database);
      expect(resultOf(await submit(restarted.as(user), quiz, { q1: true }, { submission_id }))).toEqual(
        resultOf(first),
      );
      await restarted.app.close();
    });

    it('with a submission_id of other answers, or of another quiz, is refused', async () => {
      const client = await learner();
      const submission_id = randomUUID();
      await submit(client, 'all', KEYS, { submission_id });
      expect(codeOf(await submit(client, 'all', { ...KEYS, one: 'a' }, { submission_id }))).toEqual([
        422,
        'IDEMPOTENCY_CONFLICT',
      ]);
      expect(codeOf(await submit(client, 'never', KEYS, { submission_id }))).toEqual([422, 'IDEMPOTENCY_CONFLICT']);
      expect((await submit(client, 'all', KEYS, { submission_id: submission_id.toUpperCase() })).statusCode).toBe(200);
      const reordered = Object.fromEntries(Object.entries(KEYS).reverse());
      expect((await submit(client, 'all', reordered, { submission_id })).statusCode).toBe(200);
      const other = await learner();
      expect((await submit(other, 'all', {}, { submission_id })).statusCode).toBe(200);
      expect((await submit(other, 'all', { one: null }, { submission_id })).statusCode).toBe(200);
    });

    it('keeps the best score beside the latest', async () => {
      const client = await learner();
      for (const answers of [{ one: 'b' }, KEYS, {}]) await submit(client, 'all', answers);
      expect((await client.get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { score: 0, passed: false, best_score: 1, attempts: 3 } },
      });
    });

    it('is the latest by when it was made, not by when it was stored', async () => {
      const client = await learner();
      const submitAt = (moment: string, answers: object) => at(test, moment, () => submit(client, 'all', answers));
      await submitAt('2026-11-20T10:00:00.100Z', { one: 'b' });
      await submitAt('2026-11-20T10:00:00.300Z', KEYS);
      await submitAt('2026-11-20T10:00:00.200Z', {});
      expect((await client.get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { score: 1, passed: true, attempts: 3, date: '2026-11-20T10:00:00.300Z' } },
        last_accessed: '2026-11-20T10:00:00.300Z',
      });
      expect((await client.get('quizzes/attempts/me/all')).json<object[]>()[0]).toMatchObject({ score: 1 });
    });

    it('counts every one of 20 that come at once', async () => {
      const user = await test.make.learner();
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => submit(test.as(user), 'all', i === 7 ? KEYS : { one: 'b' })),
      );
      expect((await test.as(user).get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { best_score: 1, attempts: 20 } },
        streak_days: 1,
      });
      expect(await rowsOf(user.id)).toBe(20);
    });

    it('that cannot be stored whole is not stored at all', async () => {
      const user = await test.make.learner();
      const { writer } = test.app.get(DatabaseConnection);
      await writer.query('ALTER TABLE streaks RENAME TO streaks_away');
      const answer = await submit(test.as(user), 'all', KEYS);
      await writer.query('ALTER TABLE streaks_away RENAME TO streaks');
      expect(codeOf(answer)).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(await rowsOf(user.id)).toBe(0);
      expect((await test.as(user).get('progress/me/courses/c')).json()).toMatchObject({ id: null, quiz_scores: {} });
    });
  });
});
