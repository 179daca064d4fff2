import { at, complete, makeCourses, readProgress } from './studying.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await makeCourses(test);
  });
  afterAll(() => test.stop());

  describe('the streak', () => {
    const inZone = async (timezone: string) => test.as(await test.make.learner({ timezone }));

    it('counts the learner’s own days, of completions and submissions in any course', async () => {
      const client = await inZone('America/New_York');
      await at(test, '2026-11-20T04:30:00Z', () => complete(client, 'c-1'));
      expect((await at(test, '2026-11-20T04:40:00Z', () => readProgress(client))).streak_days).toBe(1);
      await at(test, '2026-11-20T05:10:00Z', () => client.post('quizzes/submit', { quiz_id: 'q', answers: {} }));
      expect((await at(test, '2026-11-20T05:20:00Z', () => readProgress(client))).streak_days).toBe(2);
      await at(test, '2026-11-22T04:00:00Z', () => complete(client, 'other-1', 'other'));
      expect(await at(test, '2026-11-22T04:10:00Z', () => readProgress(client, 'other'))).toMatchObject({
        streak_days: 3,
      });
      expect((await at(test, '2026-11-23T04:59:00Z', () => readProgress(client))).streak_days).toBe(3);
      expect(await at(test, '2026-11-23T05:00:00Z', () => readProgress(client))).toMatchObject({
        streak_days: 0,
        longest_streak_days: 3,
      });
      await at(test, '2026-11-25T12:00:00Z', () => complete(client, 'other-2', 'other'));
      expect(await at(test, '2026-11-25T12:00:00Z', () => readProgress(client))).toMatchObject({
        streak_days: 1,
        longest_streak_days: 3,
      });
    });

    it('does not grow by reading, nor by what was done before', async () => {
      const client = await inZone('UTC');
      await at(test, '2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at(test, '2026-11-21T10:00:00Z', async () => {
        await client.get('chapters/c-3');
        await complete(client, 'c-1');
        await client.get('quizzes/q');
      });
      expect(await at(test, '2026-11-21T11:00:00Z', () => readProgress(client))).toMatchObject({
        streak_days: 1,
        last_accessed: '2026-11-20T10:00:00.000Z',
      });
    });

    it('row 21: is right across midnight, and when the clock goes back', async () => {
      const client = await inZone('UTC');
      await at(test, '2026-11-20T23:59:59.999Z', () => complete(client, 'c-1'));
      await at(test, '2026-11-21T00:00:00.000Z', () => complete(client, 'c-3'));
      await at(test, '2026-11-20T23:00:00.000Z', () => complete(client, 'other-1', 'other'));
      expect((await at(test, '2026-11-21T00:10:00Z', () => readProgress(client))).streak_days).toBe(2);
      await at(test, '2026-11-22T00:00:00.000Z', () => complete(client, 'other-2', 'other'));
      expect((await at(test, '2026-11-22T00:10:00Z', () => readProgress(client))).streak_days).toBe(3);
    });

    it('grows once when two activities come at the same moment', async () => {
      const client = await inZone('UTC');
      await at(test, '2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at(test, '2026-11-21T10:00:00Z', () =>
        Promise.all([
          complete(client, 'c-3'),
          complete(client, 'other-1', 'other'),
          complete(client, 'other-2', 'other'),
          client.post('quizzes/submit', { quiz_id: 'q', answers: {} }),
        ]),
      );
      expect((await at(test, '2026-11-21T10:00:00Z', () => readProgress(client))).streak_days).toBe(2);
    });

    it('can be reset, and begins with 1 on the same day; the longest is kept', async () => {
      const user = await test.make.learner();
      const client = test.as(user);
      expect((await client.put('progress/me/streak/reset')).json()).toMatchObject({ user_id: user.id, streak_days: 0 });
      await at(test, '2026-11-20T10:00:00Z', () => complete(client, 'c-1'));
      await at(test, '2026-11-21T10:00:00Z', () => complete(client, 'c-3'));
      const answer = await at(test, '2026-11-21T11:00:00Z', () => client.put('progress/me/streak/reset', {}));
      expect([answer.statusCode, answer.json<object>()]).toEqual([
        200,
        { message: expect.any(String) as string, user_id: user.id, streak_days: 0 },
      ]);
      expect(await at(test, '2026-11-21T11:00:00Z', () => readProgress(client))).toMatchObject({
        streak_days: 0,
        longest_streak_days: 2,
      });
      await at(test, '2026-11-21T12:00:00Z', () => complete(client, 'other-1', 'other'));
      expect(await at(test, '2026-11-21T12:00:00Z', () => readProgress(client))).toMatchObject({
        streak_days: 1,
        longest_streak_days: 2,
      });
    });
  });
});
