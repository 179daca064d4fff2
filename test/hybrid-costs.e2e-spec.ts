import { DatabaseConnection } from '../src/database/database-connection.js';
import { FEATURE_RULES } from '../src/hybrid/features.js';
import type { MentorSessionResponse } from '../src/hybrid/hybrid.dto.js';
import type { LlmCall } from '../src/hybrid/llm-call.entity.js';
import { Metrics } from '../src/metrics/metrics.js';
import { codeOf, statusesOf } from './answers.js';
import type { HybridLearner } from './hybrid-learner.js';
import { answerTo, ASSESSMENT, MENTOR } from './model-answers.js';
import { Modelled, PROVIDERS } from './modelled.js';
import { QUOTAS } from './rust-course.js';
import { onEachDatabase } from './test-app.js';

onEachDatabase((kind) => {
  let modelled: Modelled;
  beforeAll(async () => {
    modelled = await Modelled.start(kind);
  });
  afterAll(() => modelled.stop());

  describe.each(PROVIDERS)('with %s', (provider) => {
    let learner: HybridLearner;
    beforeEach(async () => {
      learner = await modelled.learner(provider);
    });
    afterEach(() => learner.test.app.close());

    it('records what the provider reported, and counts the use once', async () => {
      modelled.double.does({ answer: ASSESSMENT, usage: { input: 1234, output: 321 } });
      await learner.assess();
      const [call] = await learner.calls();
      expect(call).toMatchObject({
        state: 'settled',
        isCounted: true,
        inputTokens: 1234,
        outputTokens: 321,
        feature: 'llm_assessment',
      });
      expect(call.costUsd).toBeCloseTo((1234 * 3 + 321 * 15) / 1e6, 9);
      const usage = await learner.usage();
      expect([usage.llm_assessment, usage.cost_usd.llm_assessment, usage.cost_usd.total]).toEqual([
        1, 0.008517, 0.008517,
      ]);
    });

    it('lets a session have six turns at the least, whatever they cost, and ends when its budget is spent', async () => {
      const { maxInputTokens: input, maxOutputTokens: output } = FEATURE_RULES.mentor_sessions;
      modelled.double.does({ answer: MENTOR, usage: { input, output } });
      let session = (await learner.mentor()).json<MentorSessionResponse>();
      let turns = 1;
      while (session.turns_left > 0) {
        session = (await learner.mentor(undefined, { session_id: session.session_id })).json<MentorSessionResponse>();
        turns++;
      }
      expect(turns).toBeGreaterThanOrEqual(6);
      expect(codeOf(await learner.mentor(undefined, { session_id: session.session_id }))[1]).toBe('SESSION_ENDED');
      const cost = (await learner.usage()).cost_usd.mentor_sessions;
      expect(cost).toBeLessThanOrEqual(1.5 * FEATURE_RULES.mentor_sessions.price);
    });

    it('lets a session have its six turns at ten times the price, too', async () => {
      await learner.test.app.close();
      learner = await modelled.learner(provider, { LLM_PRICE_INPUT_PER_MTOK: '30', LLM_PRICE_OUTPUT_PER_MTOK: '150' });
      const { maxInputTokens: input, maxOutputTokens: output } = FEATURE_RULES.mentor_sessions;
      modelled.double.does({ answer: MENTOR, usage: { input, output } });
      const { session_id, turns_left } = (await learner.mentor()).json<MentorSessionResponse>();
      expect(turns_left).toBeGreaterThanOrEqual(5);
      for (let turn = 2; turn <= 6; turn++) {
        expect((await learner.mentor(undefined, { session_id })).statusCode).toBe(200);
      }
    });

    it('tells nothing of a quota as used by a call that came to nothing', async () => {
      await learner.test.app.close();
      learner = await modelled.learner(provider, QUOTAS);
      modelled.double.does({ status: 500 });
      const { headers } = await learner.synthesis();
      expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['3', '3']);
      modelled.double.does({ answer: 'nothing that can be used' });
      const repaired = await learner.synthesis();
      expect([codeOf(repaired)[1], repaired.headers['x-ratelimit-remaining']]).toEqual(['LLM_BAD_ANSWER', '3']);
    });

    it('stops before the day’s budget is passed', async () => {
      await learner.test.app.close();
      const before = await modelled.base.app
        .get(DatabaseConnection)
        .reader.query<{ spent: number | null }[]>(
          "SELECT SUM(CASE WHEN state = 'settled' THEN cost_usd ELSE reserved_usd END) AS spent FROM llm_calls WHERE state <> 'released'",
        );
      const budget = (Number(before[0].spent) + 0.02).toFixed(6);
      learner = await modelled.learner(provider, { LLM_DAILY_BUDGET_USD: budget });
      modelled.double.does({ answer: ASSESSMENT, usage: { input: 1200, output: 400 } });
      const answers = await Promise.all(Array.from({ length: 6 }, () => learner.assess()));
      const refused = answers.filter(({ statusCode }) => statusCode === 503);
      expect(refused.length).toBeGreaterThanOrEqual(4);
      expect(codeOf(refused[0])[1]).toBe('LLM_UNAVAILABLE');
      const spent = (await learner.usage()).cost_usd.total;
      expect(spent).toBeLessThanOrEqual(0.02);
    });
  });

  it('row 4: lets no more of 50 parallel calls reach the provider than the day has left', async () => {
    const learner = await modelled.learner('anthropic', { ...QUOTAS, LLM_ATTEMPT_TIMEOUT_MS: '5000' });
    modelled.double.does({ answer: MENTOR });
    const answers = await Promise.all(Array.from({ length: 50 }, () => learner.mentor()));
    const statuses = statusesOf(answers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(48);
    expect(modelled.double.seen).toHaveLength(2);
    await learner.test.app.close();
  });

  it('row 5: has a ledger equal to what the provider saw, after 500 mixed calls with failures', async () => {
    const settings = { LLM_MAX_RETRIES: '0', LLM_ATTEMPT_TIMEOUT_MS: '5000' };
    const learner = await modelled.learner('anthropic', settings);
    const { double } = modelled;
    let turn = 0;
    double.behave = ({ text }) => {
      turn++;
      if (turn % 7 === 0) return { status: 400 };
      if (turn % 11 === 0) return { answer: 'nonsense', usage: { input: turn, output: 3 } };
      return { answer: answerTo(text), usage: { input: 500 + turn, output: 100 + (turn % 13) } };
    };
    const uses = [() => learner.assess(), () => learner.synthesis(), () => learner.adaptive(), () => learner.mentor()];
    const statuses: number[] = [];
    for (let round = 0; round < 50; round++) {
      const asked = Array.from({ length: 10 }, (_call, index) => uses[(round + index) % uses.length]());
      statuses.push(...statusesOf(await Promise.all(asked)));
    }
    const answered = statuses.filter((status) => status === 200);
    expect(new Set(statuses)).toEqual(new Set([200, 503, 502].filter((status) => statuses.includes(status))));
    const settled = (await learner.calls()).filter(({ state }) => state === 'settled');
    const sum = (of: (row: LlmCall) => number) => settled.reduce((total, row) => total + of(row), 0);
    expect(settled).toHaveLength(double.reported.answers);
    expect([sum((row) => row.inputTokens ?? 0), sum((row) => row.outputTokens ?? 0)]).toEqual([
      double.reported.input,
      double.reported.output,
    ]);
    expect(settled.filter(({ isCounted }) => isCounted)).toHaveLength(answered.length);
    const { values } = await learner.test.app.get(Metrics).llmTokens.get();
    const tokens = (direction: string) =>
      values.reduce((total, { labels, value }) => total + (labels.direction === direction ? value : 0), 0);
    expect([tokens('input'), tokens('output')]).toEqual([double.reported.input, double.reported.output]);
    const usage = await learner.usage();
    const used = usage.adaptive_learning + usage.llm_assessment + usage.synthesis + usage.mentor_sessions;
    expect(used).toBe(answered.length);
    await learner.test.app.close();
  }, 120_000);
});
