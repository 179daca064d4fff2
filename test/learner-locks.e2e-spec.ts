import { setTimeout as delay } from 'node:timers/promises';
import { Metrics } from '../src/metrics/metrics.js';
import { ProgressService } from '../src/progress/progress.service.js';
import { UsersService } from '../src/users/users.service.js';
import { statusesOf } from './answers.js';
import { complete } from './studying.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
  });
  afterAll(() => test.stop());

  const retries = async () => (await test.app.get(Metrics).transactionRetries.get()).values[0]?.value ?? 0;

  async function study() {
    const { course, chapters } = await test.make.course({ chapters: 12 });
    return chapters.map(({ id }) => ({ courseId: course.id, id }));
  }

  it('row 12: has no deadlock where a learner begins a course with many chapters at once', async () => {
    const before = await retries();
    for (let time = 0; time < 4; time++) {
      const chapters = await study();
      const client = test.as(await test.make.learner());
      const answers = await Promise.all(chapters.map(({ id, courseId }) => complete(client, id, courseId)));
      expect(statusesOf(answers)).toEqual(answers.map(() => 200));
    }
    expect(await retries()).toBe(before);
  });

  it('row 12: has no deadlock where a learner is deleted meanwhile', async () => {
    const before = await retries();
    for (let time = 0; time < 12; time++) {
      const [first, ...others] = await study();
      const { id: userId } = await test.make.learner();
      const progress = test.app.get(ProgressService);
      const done = ({ id, courseId }: typeof first) =>
        progress.complete(userId, courseId, id, { userId, hasPremium: false });
      await done(first);
      const completing = Promise.allSettled(others.map(done));
      await delay(time);
      await test.app.get(UsersService).remove(userId);
      for (const outcome of await completing) {
        if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/deleted meanwhile|foreign key/i);
      }
    }
    expect(await retries()).toBe(before);
  });

  it('row 12: has no deadlock where the streak of a learner is reset who is deleted meanwhile', async () => {
    const before = await retries();
    for (let time = 0; time < 12; time++) {
      const [{ id, courseId }] = await study();
      const learner = await test.make.learner();
      await complete(test.as(learner), id, courseId);
      const progress = test.app.get(ProgressService);
      const resetting = Promise.allSettled(Array.from({ length: 12 }, () => progress.resetStreak(learner.id)));
      await delay(time);
      await test.app.get(UsersService).remove(learner.id);
      for (const outcome of await resetting) {
        if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/deleted meanwhile|foreign key/i);
      }
    }
    expect(await retries()).toBe(before);
  });
});
