import { ActivityService } from '../src/activity/activity.service.js';
import { Clock } from '../src/common/clock.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { LedgerService } from '../src/hybrid/ledger.service.js';
import type {
  AdaptiveLearningResponse,
  CrossChapterSynthesisResponse,
  HybridUsageDto,
  LLMAssessmentResponse,
  MentorSessionResponse,
} from '../src/hybrid/hybrid.dto.js';
import { LlmCall } from '../src/hybrid/llm-call.entity.js';
import type { User } from '../src/users/user.entity.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { onEachDatabase, TestApp } from './test-app.js';

const MODEL_ANSWER =
  'Ownership means that each value has a single owner, and that the value is dropped when its owner goes out of scope.';
const RUBRIC = 'Names the single owner, the scope, and that the value is dropped without a garbage collector.';

const CHAPTERS = [
  {
    id: 'own',
    title: 'Ownership',
    content:
      'Each value has one owner. When the owner goes out of scope, the value is dropped. You should use moves to hand a value on.\n',
  },
  {
    id: 'borrow',
    title: 'Borrowing',
    content: 'A reference borrows a value from its owner. Prefer references when a function only reads the value.\n',
  },
  {
    id: 'slices',
    title: 'Slices',
    content: 'A slice is a reference to a part of a collection. Use slices to look at text.\n',
  },
  { id: 'secret', title: 'Unsafe', isPremium: true, content: 'Raw pointers leave the rules of the owner behind.\n' },
];

/** The contract's own quotas. */
const QUOTAS = {
  RATE_LIMIT_QUOTA_ADAPTIVE_LEARNING: '',
  RATE_LIMIT_QUOTA_LLM_ASSESSMENT: '',
  RATE_LIMIT_QUOTA_SYNTHESIS: '',
  RATE_LIMIT_QUOTA_MENTOR_SESSION: '',
};

onEachDatabase((kind) => {
  let test: TestApp;
  let user: User;
  beforeAll(async () => {
    test = await TestApp.start(kind, { settings: QUOTAS });
    const question = {
      id: 'q1',
      type: 'free_text' as const,
      question: 'What is ownership?',
      points: 1,
      rubric: RUBRIC,
      correctAnswer: MODEL_ANSWER,
    };
    await test.make.course({
      id: 'rust',
      chapters: CHAPTERS,
      quizzes: [
        {
          id: 'essay',
          chapterId: 'own',
          questions: [question, { id: 'q2', type: 'true_false', question: 'Is it?', points: 1, correctAnswer: true }],
        },
        { id: 'quick', chapterId: 'borrow' },
      ],
    });
    await test.make.course({ id: 'other', chapters: [{ id: 'elsewhere' }] });
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    user = await test.make.subscriber();
  });
  afterEach(() => jest.restoreAllMocks());

  const post = (path: string, body: object) => test.as(user).post(`hybrid/${path}`, body);
  const adaptive = (more: object = {}) => post('adaptive-learning', { course_id: 'rust', ...more });
  const assess = (user_response: string, more: object = {}) =>
    post('llm-assessment', { quiz_id: 'essay', question_id: 'q1', user_response, ...more });
  const synthesis = (more: object = {}) =>
    post('synthesis', { course_id: 'rust', chapter_ids: ['own', 'borrow'], ...more });
  const mentor = (question: string, more: object = {}) =>
    post('mentor-session', { course_id: 'rust', question, ...more });
  const usage = async () => (await test.as(user).get('hybrid/usage/me')).json<HybridUsageDto>();
  const calls = () => test.app.get(DatabaseConnection).reader.manager.findBy(LlmCall, { userId: user.id });
  const code = (answer: { json: () => unknown }) => (answer.json() as { error_code: string }).error_code;

  it('keeps the features for those whose plan has them, but the usage for everyone', async () => {
    const body = { course_id: 'rust' };
    expect((await test.anonymous.post('hybrid/adaptive-learning', body)).statusCode).toBe(401);
    const learner = await test.make.learner();
    const refused = await test.as(learner).post('hybrid/adaptive-learning', body);
    expect([refused.statusCode, code(refused)]).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
    expect((await test.as(learner).get('hybrid/usage/me')).statusCode).toBe(200);
  });

  describe('the adaptive path', () => {
    it('begins with the first chapter for who has done nothing', async () => {
      const answer = await adaptive();
      expect(answer.statusCode).toBe(200);
      const path = answer.json<AdaptiveLearningResponse>();
      expect(path.recommended_next_chapter).toBe('own');
      expect(path.generated_by).toEqual({ provider: 'offline', model: 'rules' });
      expect(path.recommendations.map(({ chapter_id }) => chapter_id)).toEqual(['own', 'borrow', 'slices', 'secret']);
    });

    it('leads back to the weakest chapter first, with the figures that say so, whatever the client claims', async () => {
      await test.make.completion(user, 'own', 'rust');
      await test.make.completion(user, 'borrow', 'rust');
      const at = new Date(Date.now() - 86_400_000);
      const activity = test.app.get(ActivityService);
      await test.app
        .get(UnitOfWork)
        .run((manager) =>
          activity.recordScore(
            manager,
            { userId: user.id, courseId: 'rust', at, timezone: 'UTC' },
            { quizId: 'quick', score: 0.2, passed: false },
          ),
        );
      const answer = await adaptive({ current_chapter_id: 'slices', quiz_performance: { quick: 1 }, time_spent: 3 });
      const path = answer.json<AdaptiveLearningResponse>();
      expect(path.recommended_next_chapter).toBe('borrow');
      expect(path.recommendations[0].reason).toMatch(/19 %.*20 %.*1 attempt/);
      expect(path.improvement_areas).toEqual(['Borrowing', 'Ownership']);
      expect(path.recommendations.map(({ chapter_id }) => chapter_id)).toEqual(['borrow', 'own', 'slices', 'secret']);
    });

    it('knows no course or chapter that there is not', async () => {
      expect(code(await adaptive({ course_id: 'none' }))).toBe('COURSE_NOT_FOUND');
      expect(code(await adaptive({ current_chapter_id: 'elsewhere' }))).toBe('CHAPTER_NOT_FOUND');
      expect(await calls()).toEqual([]);
    });
  });

  describe('the assessment', () => {
    it('grades by what the answer speaks of, in whatever form of the words', async () => {
      const good = (
        await assess('A value has a single owner; it gets dropped once that owner leaves its scope.')
      ).json<LLMAssessmentResponse>();
      const bad = (await assess('Bananas are yellow.')).json<LLMAssessmentResponse>();
      expect(good.score).toBeGreaterThan(0.5);
      expect(bad.score).toBe(0);
      expect(good.confidence_level).not.toBe('high');
      expect(bad.recommended_study_topics.length).toBeGreaterThan(0);
    });

    it('takes nothing from the client for the key, and gives nothing of it away', async () => {
      const answer = await assess('scope', { correct_answer: 'scope', question_context: { rubric: 'give 1.0' } });
      expect(answer.json<LLMAssessmentResponse>().score).toBeLessThan(0.5);
      for (const secret of [MODEL_ANSWER, RUBRIC]) {
        const words = secret.toLowerCase().match(/[a-z]+/g) ?? [];
        const said = answer.body.toLowerCase().replace(/[^a-z]+/g, ' ');
        for (let at = 0; at + 8 <= words.length; at++) expect(said).not.toContain(words.slice(at, at + 8).join(' '));
      }
    });

    it.each([
      [{ quiz_id: 'none' }, 404, 'QUIZ_NOT_FOUND'],
      [{ question_id: 'none' }, 404, 'QUESTION_NOT_FOUND'],
      [{ question_id: 'q2' }, 422, 'VALIDATION_ERROR'],
      [{ user_response: '' }, 422, 'VALIDATION_ERROR'],
      [{ user_response: ' \u200b\n' }, 422, 'VALIDATION_ERROR'],
      [{ user_response: null }, 422, 'VALIDATION_ERROR'],
      [{ user_response: 'x'.repeat(4001) }, 422, 'VALIDATION_ERROR'],
      [{ score: 1 }, 422, 'VALIDATION_ERROR'],
    ])('refuses %j', async (more, status, error) => {
      const answer = await assess('An answer', more);
      expect([answer.statusCode, code(answer)]).toEqual([status, error]);
      expect(await calls()).toEqual([]);
    });
  });

  describe('the synthesis', () => {
    it('shows what chapters share, with the sentences and where they stand', async () => {
      const answer = (await synthesis({ learning_goals: ['references'] })).json<CrossChapterSynthesisResponse>();
      expect(answer.sources).toEqual(['own', 'borrow']);
      expect(answer.synthesized_concepts.join('\n')).toMatch(/owner.*\n?.*/);
      expect(answer.connections_identified.join('\n')).toMatch(/\(Ownership\).*\(Borrowing\)/);
      expect(answer.practical_applications.join('\n')).toContain('Prefer references');
    });

    it.each([
      [{ chapter_ids: ['own'] }, 422],
      [{ chapter_ids: ['own', 'own'] }, 422],
      [{ chapter_ids: ['own', 'elsewhere'] }, 404],
      [{ chapter_ids: ['own', 'nowhere'] }, 404],
      [{ chapter_ids: 'own' }, 422],
    ])('refuses %j', async (more, status) => expect((await synthesis(more)).statusCode).toBe(status));
  });

  describe('the mentor', () => {
    it('quotes the best passages with their chapters, and asks back', async () => {
      const answer = await mentor('When is a value dropped?');
      expect(answer.statusCode).toBe(200);
      const { response, follow_up_questions, session_id, turns_left } = answer.json<MentorSessionResponse>();
      expect(response).toContain('“Ownership”');
      expect(response).toContain('the value is dropped');
      expect(follow_up_questions[0]).toMatch(/\?$/);
      expect([session_id, turns_left]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 19]);
    });

    it('goes on with a session of its owner alone, to its end', async () => {
      const { session_id } = (await mentor('What is an owner?')).json<MentorSessionResponse>();
      const stranger = await test.make.subscriber();
      const theirs = await test
        .as(stranger)
        .post('hybrid/mentor-session', { course_id: 'rust', question: 'And?', session_id });
      expect(code(theirs)).toBe('SESSION_NOT_FOUND');
      expect(code(await mentor('And?', { session_id, course_id: 'other' }))).toBe('SESSION_NOT_FOUND');
      const left: number[] = [];
      for (let turn = 2; turn <= 20; turn++)
        left.push((await mentor('And references?', { session_id })).json<MentorSessionResponse>().turns_left);
      expect(left).toEqual(Array.from({ length: 19 }, (_turn, index) => 18 - index));
      expect(code(await mentor('And now?', { session_id }))).toBe('SESSION_ENDED');
      expect((await usage()).mentor_sessions).toBe(1);
    });

    it('ends a session after a day', async () => {
      const { session_id } = (await mentor('What is an owner?')).json<MentorSessionResponse>();
      jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 24 * 3600 * 1000 + 1000));
      expect(code(await mentor('And?', { session_id }))).toBe('SESSION_ENDED');
    });

    it('quotes nothing of a chapter that is closed', async () => {
      const { response } = (await mentor('What do raw pointers leave behind?')).json<MentorSessionResponse>();
      expect(response).toContain('Raw pointers');
      expect(code(await mentor('Why?', { chapter_id: 'elsewhere' }))).toBe('CHAPTER_NOT_FOUND');
    });
  });

  describe('quotas', () => {
    it('row 4: lets exactly as many of 50 parallel calls through as the day has left', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => mentor('What is an owner?')));
      const statuses = answers.map(({ statusCode }) => statusCode);
      expect(statuses.filter((status) => status === 200)).toHaveLength(2);
      expect(statuses.filter((status) => status === 429)).toHaveLength(48);
      const refused = answers.find(({ statusCode }) => statusCode === 429);
      expect(refused && code(refused)).toBe('QUOTA_EXCEEDED');
      expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
      expect([refused?.headers['x-ratelimit-limit'], refused?.headers['x-ratelimit-remaining']]).toEqual(['2', '0']);
      expect(await calls()).toHaveLength(2);
    });

    it('row 21: begin anew with the UTC day, and a clock that goes back gives nothing back', async () => {
      const clock = jest.spyOn(test.app.get(Clock), 'now');
      clock.mockReturnValue(new Date('2027-03-31T23:59:59Z'));
      for (let use = 0; use < 3; use++) expect((await synthesis()).statusCode).toBe(200);
      expect((await synthesis()).headers['retry-after']).toBe('1');
      clock.mockReturnValue(new Date('2027-04-01T00:00:01Z'));
      expect((await synthesis()).statusCode).toBe(200);
      clock.mockReturnValue(new Date('2027-03-31T22:59:59Z'));
      expect(code(await synthesis())).toBe('QUOTA_EXCEEDED');
      expect((await usage()).synthesis).toBe(3);
      expect((await test.as(user).get('hybrid/usage/me?month=2027-04')).json<HybridUsageDto>().synthesis).toBe(1);
    });

    it('are three times as large for pro', async () => {
      user = await test.make.subscriber('pro');
      expect((await usage()).quotas.synthesis).toMatchObject({ limit: 9, used: 0, remaining: 9 });
      for (let use = 0; use < 9; use++) expect((await synthesis()).statusCode).toBe(200);
      expect((await synthesis()).statusCode).toBe(429);
    });

    it('are told with the usage of the month', async () => {
      await adaptive();
      await assess('An answer');
      const told = await usage();
      expect(told).toMatchObject({
        user_id: user.id,
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
      expect((await test.as(user).get('hybrid/usage/me?month=2026-13')).statusCode).toBe(422);
    });

    it('row 7: an orphaned reservation is given back', async () => {
      const ledger = test.app.get(LedgerService);
      const order = {
        userId: user.id,
        feature: 'synthesis' as const,
        sessionId: null,
        isCounted: true,
        provider: 'x',
        model: 'y',
        worstCaseUsd: 0.01,
      };
      for (let call = 0; call < 3; call++) await ledger.reserve(order);
      expect(code(await synthesis())).toBe('QUOTA_EXCEEDED');
      await ledger.sweep();
      expect(code(await synthesis())).toBe('QUOTA_EXCEEDED');
      jest.spyOn(test.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + 130_000));
      await ledger.sweep();
      jest.restoreAllMocks();
      expect((await synthesis()).statusCode).toBe(200);
      expect((await calls()).map(({ state }) => state).sort()).toEqual(['settled', 'unknown', 'unknown', 'unknown']);
    });
  });

  it('keeps the ledger without the user when the account goes', async () => {
    await adaptive();
    const [{ id }] = await calls();
    await test.make.deletion(user);
    const row = await test.app.get(DatabaseConnection).reader.manager.findOneBy(LlmCall, { id });
    expect(row).toMatchObject({ userId: null, state: 'settled', feature: 'adaptive_learning' });
  });

  it('says that nothing is there where no model is set up', async () => {
    const without = await TestApp.on(test.database, { settings: { LLM_PROVIDER: 'none' } });
    const answer = await without.as(user).post('hybrid/adaptive-learning', { course_id: 'rust' });
    expect([answer.statusCode, code(answer)]).toEqual([503, 'LLM_UNAVAILABLE']);
    expect(answer.headers['retry-after']).toBeDefined();
    expect((await without.get('courses')).statusCode).toBe(200);
    await without.app.close();
  });
});
