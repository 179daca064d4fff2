import { Clock } from '../src/common/clock.js';
import type { HybridUsageDto } from '../src/hybrid/usage.dto.js';
import { LedgerService } from '../src/hybrid/ledger.service.js';
import { codeOf, statusesOf } from './answers.js';
import { HybridLearner, type Subject } from './hybrid-learner.js';
import { makeRustCourse, QUOTAS } from './rust-course.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  let subject: Subject;
  let learner: HybridLearner;
  beforeAll(async () => {
    test = await TestApp.start(kind, { settings: QUOTAS });
    subject = await makeRustCourse(test);
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    learner = new HybridLearner(test, await test.make.subscriber(), subject);
  });
  afterEach(() => jest.restoreAllMocks());

  describe('quotas', () => {
    it('row 4: lets exactly as many of 50 parallel calls through as the day has left', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => learner.mentor('What is an owner?')));
      const statuses = statusesOf(answers);
      expect(statuses.filter((status) => status === 200)).toHaveLength(2);
      expect(statuses.filter((status) => status === 429)).toHaveLength(48);
      const refused = answers.find(({ statusCode }) => statusCode === 429);
      expect(refused && codeOf(refused)).toEqual([429, 'QUOTA_EXCEEDED']);
      expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
      expect([refused?.headers['x-ratelimit-limit'], refused?.headers['x-ratelimit-remaining']]).toEqual(['2', '0']);
      expect(await learner.calls()).toHaveLength(2);
    });

    it('row 21: begin anew with the UTC day, and a clock that goes back gives nothing back', async () => {
      const clock = jest.spyOn(test.app.get(Clock), 'now');
      clock.mockReturnValue(new Date('2027-03-31T23:59:59Z'));
      for (let use = 0; use < 3; use++) expect((await learner.synthesis()).statusCode).toBe(200);
      expect((await learner.synthesis()).headers['retry-after']).toBe('1');
      clock.mockReturnValue(new Date('2027-04-01T00:00:01Z'));
      expect((await learner.synthesis()).statusCode).toBe(200);
      clock.mockReturnValue(new Date('2027-03-31T22:59:59Z'));
      expect(codeOf(await learner.synthesis())[1]).toBe('QUOTA_EXCEEDED');
      expect((await learner.usage()).synthesis).toBe(3);
      expect((await test.as(learner.user).get('hybrid/usage/me?month=2027-04')).json<HybridUsageDto>().synthesis).toBe(
        1,
      );
    });

    it('are three times as large for pro', async () => {
      learner = new HybridLearner(test, await test.make.subscriber('pro'), subject);
      expect((await learner.usage()).quotas.synthesis).toMatchObject({ limit: 9, used: 0, remaining: 9 });
      for (let use = 0; use < 9; use++) expect((await learner.synthesis()).statusCode).toBe(200);
      expect((await learner.synthesis()).statusCode).toBe(429);
    });

    it('are told with the usage of the month', async () => {
      await learner.adaptive();
      await learner.assess('An answer');
      const told = await learner.usage();
      expect(told).toMatchObject({
        user_id: learner.user.id,
        month_year: new Date().toISOString().slice(0, 7),
        adaptive_learning: 1,
        llm_assessment: 1,
        synthesis: 0,
        mentor_sessions: 0,
        cost_usd: { adaptive_learning: 0, llm_assessment: 0, synthesis: 0, mentor_sessions: 0, total: 0 },
      });
      expect(told.quotas.adaptive_learning).toMatchObject({
        limit: 5,
        used: 1,
        remaining: 4,
        resets_at: expect.stringMatching(/T00:00:00.000Z$/) as string,
      });
      expect((await test.as(learner.user).get('hybrid/usage/me?month=2026-13')).json()).toMatchObject({
        error_code: 'VALIDATION_ERROR',
        errors: [{ field: 'month', message: 'must be a month such as 2026-11' }],
      });
    });

    it('row 7: an orphaned reservation is given back', async () => {
      const ledger = test.app.get(LedgerService);
      const order = {
        userId: learner.user.id,
        feature: 'synthesis' as const,
        sessionId: null,
        isCounted: true,
        provider: 'x',
        model: 'y',
        worstCaseUsd: 0.01,
      };
      for (let call = 0; call < 3; call++) await ledger.reserve(order);
      expect(codeOf(await learner.synthesis())[1]).toBe('QUOTA_EXCEEDED');
      await ledger.sweep();
      expect(codeOf(await learner.synthesis())[1]).toBe('QUOTA_EXCEEDED');
      jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 130_000));
      await ledger.sweep();
      jest.restoreAllMocks();
      expect((await learner.synthesis()).statusCode).toBe(200);
      expect((await learner.calls()).map(({ state }) => state).sort()).toEqual([
        'settled',
        'unknown',
        'unknown',
        'unknown',
      ]);
    });
  });
});
