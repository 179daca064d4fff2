import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { User } from '../src/users/user.entity.js';
import { eventually } from './eventually.js';
import { statementsOf } from './statements.js';
import { complete, makeCourses } from './studying.js';
import { type Client, onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await makeCourses(test);
  });
  afterAll(() => test.stop());

  describe('statements', () => {
    const count = async (work: () => Promise<unknown>) => (await statementsOf(test, work)).length;
    /**
     * A learner whose account and plan are known from memory, after what was written before has been heard of;
     * `auth/me` then reads its row alone.
     */
    const warm = async (user: User) => {
      const client = test.as(user);
      for (let times = 0; times < 2; times++) {
        await delay(300);
        await eventually(() => count(() => client.get('auth/me')), 1, 10_000);
      }
      return client;
    };

    it('a completion takes as many in a course of 3 chapters as in one of 300', async () => {
      const counts: number[] = [];
      for (const size of [3, 300]) {
        const { course, chapters } = await test.make.course({ chapters: size });
        const learner = await test.make.learner();
        await complete(test.as(learner), chapters[0].id, course.id);
        const client = await warm(learner);
        counts.push(await count(() => complete(client, chapters[1].id, course.id)));
      }
      expect(counts[0]).toBe(counts[1]);
      expect(counts[0]).toBeLessThanOrEqual(kind === 'postgres' ? 4 : 9);
    });

    it('a submission takes as many, whoever has made one of the same quiz before', async () => {
      const { quizzes } = await test.make.course({ quizzes: [{}] });
      const submit = (client: Client) =>
        client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers: {}, submission_id: randomUUID() });
      const counts: number[] = [];
      for (let time = 0; time < 2; time++) {
        const learner = await test.make.learner();
        await submit(test.as(learner));
        const client = await warm(learner);
        counts.push(await count(() => submit(client)));
      }
      expect(counts[0]).toBe(counts[1]);
      // SQLite gets each part by itself, and the content's revision is read anew after any commit.
      expect(counts[0]).toBeLessThanOrEqual(kind === 'postgres' ? 1 : 7);
    });

    it('progress over 50 courses takes as many as over one', async () => {
      const [few, many] = [await test.make.learner(), await test.make.learner()];
      await complete(test.as(few), 'c-1');
      for (let i = 0; i < 50; i++) {
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
      expect(await list(few, 1)).toBe(await list(many, 50));
      expect(await list(many, 50)).toBe(2);
    });
  });
});
