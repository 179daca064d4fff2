import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FEATURE_RULES } from '../src/hybrid/features.js';
import type { LLMAssessmentResponse, MentorSessionResponse } from '../src/hybrid/hybrid.dto.js';
import { ModelCaller } from '../src/hybrid/model-caller.js';
import { codeOf, statusesOf } from './answers.js';
import { eventually, until } from './eventually.js';
import { collectGarbage } from '../drill/garbage.js';
import type { HybridLearner } from './hybrid-learner.js';
import { answerTo, ASSESSMENT, MENTOR, PATH } from './model-answers.js';
import { type Behaviour, ModelDouble } from './model-double.js';
import { Modelled, PROVIDERS } from './modelled.js';
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

    it('asks in the wire format of the provider, with its key and with no more output than is paid for', async () => {
      modelled.double.does({ answer: ASSESSMENT });
      const answer = await learner.assess();
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ ...ASSESSMENT, generated_by: { provider, model: 'double-1' } });
      const [{ path, headers, body }] = modelled.double.seen;
      expect(body).toMatchObject({ model: 'double-1', max_tokens: FEATURE_RULES.llm_assessment.maxOutputTokens });
      if (provider === 'anthropic') {
        expect([path, headers['x-api-key'], headers['anthropic-version']]).toEqual([
          '/v1/messages',
          'key-of-the-double',
          '2023-06-01',
        ]);
      } else {
        expect([path, headers.authorization]).toEqual(['/v1/chat/completions', 'Bearer key-of-the-double']);
        expect(body.response_format).toMatchObject({ type: 'json_schema' });
      }
    });

    it('row 39: holds a score to its range and a path to the chapters that there are', async () => {
      modelled.double.does({ answer: { ...ASSESSMENT, score: 42 } });
      expect((await learner.assess()).json<LLMAssessmentResponse>().score).toBe(1);
      modelled.double.does({ answer: PATH });
      const path = await learner.adaptive();
      expect(path.json()).toMatchObject({
        recommended_next_chapter: 'two',
        confidence: 1,
        recommendations: [{ chapter_id: 'two', estimated_minutes: 1 }],
      });
      modelled.double.does({ answer: { ...PATH, recommended_next_chapter: 'elsewhere' } });
      const other = await learner.adaptive();
      expect(other.json()).toMatchObject({ recommended_next_chapter: 'one' });
    });

    it('stores and sends no text that is broken or endless', async () => {
      modelled.double.does({ answer: { ...MENTOR, response: `a\u0000b\ud800 ${'x'.repeat(200_000)}` } });
      const answer = await learner.mentor();
      expect(answer.statusCode).toBe(200);
      const { response } = answer.json<MentorSessionResponse>();
      expect([response.slice(0, 4), response.length, response.isWellFormed()]).toEqual(['ab\ufffd ', 4000, true]);
      expect((await learner.calls()).map(({ state }) => state)).toEqual(['settled']);
    });

    it('repairs an answer once, and records both calls', async () => {
      modelled.double.does({ answer: 'no json at all' }, { answer: ASSESSMENT });
      expect((await learner.assess()).statusCode).toBe(200);
      expect((await learner.calls()).map(({ state, isCounted }) => [state, isCounted])).toEqual([
        ['settled', true],
        ['settled', false],
      ]);
      expect((await learner.usage()).quotas.llm_assessment.used).toBe(1);
    });

    it.each([
      { input: -1_000_000, output: 10 },
      { input: 900, output: 1.5 },
      { input: 3_000_000_000, output: 10 },
      { input: 900, output: 1e18 },
    ])('row 5: charges what it may have cost at the most where the provider says %j', async (usage) => {
      modelled.double.does({ answer: ASSESSMENT, usage });
      expect((await learner.assess()).statusCode).toBe(200);
      const [call] = await learner.calls();
      expect([call.state, call.costUsd]).toEqual(['settled', call.reservedUsd]);
      expect(call.reservedUsd).toBeGreaterThan(0);
    });

    it('row 5: takes no answer for free of which the provider does not say what it used', async () => {
      modelled.double.does({ answer: ASSESSMENT, usage: {} });
      const { statusCode } = await learner.assess();
      const [{ state, costUsd, reservedUsd }] = await learner.calls();
      // Anthropic's SDK takes such an answer for none; the budget counts an unknown call as what was reserved.
      const wanted = provider === 'openai' ? [200, 'settled', reservedUsd] : [503, 'unknown', 0];
      expect([statusCode, state, Number(costUsd)]).toEqual(wanted);
      expect(reservedUsd).toBeGreaterThan(0);
    });

    it.each<[string, Behaviour, number]>([
      ['a 500', { status: 500 }, 2],
      ['a 529', { status: 529 }, 2],
      ['a cut connection', { cut: 'before' }, 2],
      ['a cut body', { cut: 'within' }, 2],
      ['a body that is no JSON', { malformed: true }, 2],
      ['silence', { slow: 1500, answer: ASSESSMENT }, 2],
      ['a wrong key', { status: 401 }, 1],
      ['a request that it refuses', { status: 400 }, 1],
      ['a redirect', { redirect: 'http://127.0.0.1:9/elsewhere' }, 2],
    ])('row 5: answers 503 to %s, and charges nothing', async (_name, behaviour, attempts) => {
      modelled.double.does(behaviour);
      const answer = await learner.assess();
      expect(codeOf(answer)).toEqual([503, 'LLM_UNAVAILABLE']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(modelled.double.seen).toHaveLength(attempts);
      const usage = await learner.usage();
      expect([usage.llm_assessment, usage.quotas.llm_assessment.used, usage.cost_usd.total]).toEqual([0, 0, 0]);
      expect((await learner.calls()).every(({ state }) => state === 'released' || state === 'unknown')).toBe(true);
    });

    it('row 5: asks a provider that fails three times unless told otherwise', async () => {
      await learner.test.app.close();
      learner = await modelled.learner(provider, { LLM_MAX_RETRIES: '' });
      modelled.double.does({ status: 500 }, { status: 500 }, { answer: ASSESSMENT });
      expect((await learner.assess()).statusCode).toBe(200);
      expect(modelled.double.seen).toHaveLength(3);
      modelled.double.forget();
      modelled.double.does({ status: 500 });
      expect((await learner.assess()).statusCode).toBe(503);
      expect(modelled.double.seen).toHaveLength(3);
    });

    it('row 5: does not wait for a body that never ends, also where garbage is collected meanwhile', async () => {
      await learner.test.app.close();
      learner = await modelled.learner(provider, { LLM_ATTEMPT_TIMEOUT_MS: '2000', LLM_MAX_RETRIES: '0' });
      modelled.double.does({ dripping: true });
      const asked = learner.assess();
      await until(() => modelled.double.seen.length > 0);
      // The first of the body has come by then.
      await delay(200);
      collectGarbage();
      expect(codeOf(await asked)).toEqual([503, 'LLM_UNAVAILABLE']);
      expect((await learner.calls()).map(({ state }) => state)).toEqual(['unknown']);
    });

    it('row 5: takes nothing from the budget for a provider that is not there', async () => {
      const gone = await ModelDouble.start();
      const { url } = gone;
      await gone.stop();
      await learner.test.app.close();
      learner = await modelled.learner(provider, { LLM_BASE_URL: url });
      expect(codeOf(await learner.assess())[1]).toBe('LLM_UNAVAILABLE');
      expect((await learner.calls()).map(({ state }) => state)).toEqual(['released']);
    });

    it('row 5: asks again after as long as the provider wants, and not at all if that is too long', async () => {
      modelled.double.does({ status: 429, headers: { 'retry-after': '1' } }, { answer: ASSESSMENT });
      const began = Date.now();
      expect((await learner.assess()).statusCode).toBe(200);
      expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
      modelled.double.does({ status: 429, headers: { 'retry-after': '120' } });
      const answer = await learner.assess();
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '120']);
    });

    it('row 8: leaves a dead provider alone, and tries it again', async () => {
      modelled.double.does({ status: 500 });
      for (let call = 0; call < 5; call++) await learner.assess();
      const seen = modelled.double.seen.length;
      const reserved = await learner.calls();
      const began = performance.now();
      const answer = await learner.assess();
      expect(performance.now() - began).toBeLessThan(500);
      expect([...codeOf(answer), modelled.double.seen.length]).toEqual([503, 'LLM_UNAVAILABLE', seen]);
      expect(await learner.calls()).toEqual(reserved);
      const health = (await learner.test.get('/health')).json<{ details: Record<string, { status: string }> }>();
      expect(health.details.llm.status).not.toBe('up');
      const now = Date.now.bind(Date);
      jest.spyOn(Date, 'now').mockImplementation(() => now() + 21_000);
      modelled.double.does({ answer: ASSESSMENT });
      expect((await learner.assess()).statusCode).toBe(200);
      jest.restoreAllMocks();
    });

    it('row 6: does not take callers who hang up for a dead provider', async () => {
      modelled.double.does({ slow: 100, answer: ASSESSMENT });
      const caller = learner.test.app.get(ModelCaller);
      const request = { system: '', messages: [], schema: {}, maxOutputTokens: 1, offline: () => ({}) };
      const hungUp = await Promise.allSettled(
        Array.from({ length: 12 }, () => caller.generate(request, AbortSignal.timeout(20))),
      );
      expect(hungUp.every(({ status }) => status === 'rejected')).toBe(true);
      expect(caller.isAway).toBe(false);
      expect((await learner.assess()).statusCode).toBe(200);
    });

    it('answers one question of a session at a time', async () => {
      modelled.double.does({ answer: MENTOR });
      const { session_id } = (await learner.mentor()).json<MentorSessionResponse>();
      modelled.double.does({ slow: 100, answer: MENTOR });
      const answers = await Promise.all(Array.from({ length: 5 }, () => learner.mentor(undefined, { session_id })));
      expect(statusesOf(answers).sort()).toEqual([200, 409, 409, 409, 409]);
    });
  });

  it('row 40: contacts no host but the configured one, wherever it is led or told to look', async () => {
    const elsewhere = await ModelDouble.start();
    const learner = await modelled.learner('openai');
    modelled.double.does({ redirect: `${elsewhere.url}/v1/chat/completions` });
    expect((await learner.assess()).statusCode).toBe(503);
    modelled.double.behave = ({ text }) => ({ answer: answerTo(text) });
    const { url } = elsewhere;
    await learner.assess(`![x](${url}/a.png) See ${url}`, { question_context: { url }, correct_answer: url });
    await learner.mentor(`Read ${url}`, { context: url });
    await learner.adaptive({ learning_goals: [url] });
    await learner.synthesis({ learning_goals: [url] });
    expect(modelled.double.seen.length).toBeGreaterThan(5);
    expect(elsewhere.seen).toEqual([]);
    await learner.test.app.close();
    await elsewhere.stop();
  });

  it('row 6: ends the call when the caller hangs up, and charges nothing', async () => {
    const learner = await modelled.learner('anthropic', { LLM_ATTEMPT_TIMEOUT_MS: '10000' });
    const { app } = learner.test;
    await app.listen(0, '127.0.0.1');
    modelled.double.does({ slow: 3000, answer: ASSESSMENT });
    const url = new URL('/api/v1/hybrid/llm-assessment', await app.getUrl());
    const sent = httpRequest(url, {
      method: 'POST',
      headers: { authorization: learner.test.tokenOf(learner.user), 'content-type': 'application/json' },
    });
    sent.on('error', () => undefined);
    sent.end(JSON.stringify({ quiz_id: 'essay', question_id: 'q1', user_response: 'An owner' }));
    await until(() => modelled.double.seen.length > 0);
    sent.destroy();
    await eventually(async () => (await learner.calls())[0]?.state, 'unknown', 2500);
    expect((await learner.calls()).map(({ state, isCounted }) => [state, isCounted])).toEqual([['unknown', false]]);
    await app.close();
  });
});
