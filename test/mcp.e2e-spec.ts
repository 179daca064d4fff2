import { randomUUID } from 'node:crypto';
import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import { SECTION_LIMIT } from '../src/chapters/sections.js';
import type { AdaptiveLearningResponse, MentorSessionResponse } from '../src/hybrid/hybrid.dto.js';
import type { LearningState } from '../src/mcp/learning-state.js';
import type { Passage } from '../src/mcp/passage.js';
import type { ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { QuizDto, QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import { SubscriptionsService } from '../src/subscriptions/subscriptions.service.js';
import { serve, type Server } from './built.js';
import { eventually } from './eventually.js';
import { McpClient, REVISIONS } from './mcp-client.js';
import { onEachDatabase, TEST_SECRET_KEY, TestApp } from './test-app.js';

type ChapterFound = ChapterDto & Passage;

const PUBLIC_URL = 'https://learn.example.org';
const SIGN_IN = `Bearer resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource", scope="learn:read learn:write", error="insufficient_scope", error_description="The learner has to sign in for this."`;

const LONG = Array.from({ length: 60 }, (_, n) => {
  const sentence = n === 57 ? 'A foghorn calls. ' : `Sentence ${n} about ferries. `;
  return `## Part ${n}\n\n${sentence.repeat(40)}\n\n`;
}).join('');
const RUBRIC = 'Names the owner and what happens when it goes out of scope.';

/** What no tool may answer: whose row it is, when it was written and what it costs. */
const INTERNAL =
  /"(user_id|attempt_id|request_id|created_at|updated_at|completed_at|last_accessed|date)"|\d{4}-\d\d-\d\dT|\$/;

onEachDatabase((kind) => {
  let test: TestApp;
  let server: Server;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({
      id: 'sea',
      title: 'Harbours',
      chapters: [
        { title: 'Quays', content: 'A quay is where a **lighthouse** keeper waits.\n' },
        { title: 'Ferries', content: LONG },
        { title: 'Pilots', content: 'Only for subscribers.\n', isPremium: true },
      ],
      quizzes: [
        {
          id: 'sea-quiz',
          questions: [
            { id: 'q1', type: 'true_false', question: 'Is it?', points: 1, correctAnswer: true },
            {
              id: 'q2',
              type: 'short_text',
              question: 'Who waits?',
              points: 1,
              correctAnswer: 'the keeper',
              acceptedAnswers: [],
            },
          ],
        },
        {
          id: 'sea-essay',
          chapterId: 'sea-3',
          questions: [
            {
              id: 'q1',
              type: 'free_text',
              question: 'Who owns it?',
              points: 1,
              rubric: RUBRIC,
              correctAnswer: 'The owner.',
            },
          ],
        },
      ],
    });
    await test.make.course({ id: 'sky', title: 'Kites' });
    const settings = {
      DATABASE_URL: test.database.url,
      SECRET_KEY: TEST_SECRET_KEY,
      PUBLIC_URL,
      LLM_PROVIDER: 'offline',
    };
    server = await serve(settings);
  });
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await test.stop();
  });

  describe.each(REVISIONS)('a client of the revision %s', (revision) => {
    const anonymous = () => McpClient.connect(server.url, revision);
    const learner = async () => {
      const user = await test.make.learner();
      return { user, client: await McpClient.connect(server.url, revision, test.tokenOf(user)) };
    };

    it('reads courses, chapters and quizzes without signing in', async () => {
      const client = await anonymous();
      expect(client.client.getNegotiatedProtocolVersion()).toBe(revision);
      expect((await client.call('list_courses')).found).toMatchObject({
        courses: [{ id: 'sea', chapter_count: 3, quiz_count: 2 }, { id: 'sky' }],
        total: 2,
      });
      const outline = await client.call('get_course_outline', { course_id: 'sea', limit: 2, offset: 1 });
      expect(outline.found).toMatchObject({
        course: { title: 'Harbours' },
        chapters: [
          { id: 'sea-2', order: 2, locked: false },
          { id: 'sea-3', locked: true, quiz_ids: ['sea-essay'] },
        ],
        total: 3,
      });
      expect(outline.text).not.toContain('content');
      const { found: hits } = await client.call<SearchResponse>('search_course', { q: 'lighthouse' });
      expect(hits.results).toMatchObject([
        { type: 'chapter', id: 'sea-1', excerpt: expect.stringContaining('**lighthouse**') as string },
      ]);
      const { found: chapter } = await client.call<ChapterFound>('get_chapter', { chapter_id: 'sea-1' });
      expect(chapter).toMatchObject({
        title: 'Quays',
        order: 1,
        quiz_ids: ['sea-quiz'],
        next_chapter_id: 'sea-2',
        next_section_id: null,
      });
      expect(chapter.content).toContain('A quay is where');
      const quiz = await client.call<QuizDto>('get_quiz', { quiz_id: 'sea-quiz' });
      expect(quiz.found.questions?.map(({ id, type }) => [id, type])).toEqual([
        ['q1', 'true_false'],
        ['q2', 'short_text'],
      ]);
      expect(quiz.text).not.toMatch(/correct|keeper|explanation/);
      for (const { text } of [outline, quiz]) expect(text).not.toMatch(INTERNAL);
    });

    it('reads a long chapter in parts that make up all of it, or from where a search hit is', async () => {
      const client = await anonymous();
      const read = async (section_id: string | null) =>
        (await client.call<ChapterFound>('get_chapter', { chapter_id: 'sea-2', section_id })).found;
      const parts: string[] = [];
      for (let at: string | null = 'first'; at !== null;) {
        const { title, content, next_section_id } = await read(at);
        expect(title).toBe('Ferries');
        parts.push(content);
        at = next_section_id;
      }
      expect(parts.join('')).toBe(LONG);
      expect(parts.length).toBe(Math.ceil(LONG.length / SECTION_LIMIT));
      expect((await read(null)).content).toBe(parts[0]);
      const { found } = await client.call<SearchResponse>('search_course', { q: 'foghorn' });
      expect(found.results).toMatchObject([{ id: 'sea-2', section_id: 'part-57' }]);
      expect((await read('part-57')).content).toBe(LONG.slice(LONG.indexOf('## Part 57')));
      const nowhere = await client.call('get_chapter', { chapter_id: 'sea-2', section_id: 'nowhere' });
      expect(nowhere.text).toMatch(/no such section/);
    });

    it('goes from chapter to chapter, past the locked one, to the last', async () => {
      const client = await anonymous();
      const next = (chapter_id: string) => client.call<ChapterFound>('next_chapter', { chapter_id });
      const { found: second } = await next('sea-1');
      expect([second.id, LONG.startsWith(second.content)]).toEqual(['sea-2', true]);
      expect((await next('sea-2')).found).toMatchObject({ id: 'sea-3', locked: true, content: null });
      expect((await next('sea-3')).text).toBe('That was the last chapter of the course.');
    });

    it('is told to sign the learner in where that is needed, and nowhere else', async () => {
      const client = await anonymous();
      const calls: [string, Record<string, unknown>][] = [
        ['get_learning_state', {}],
        ['get_progress', { course_id: 'sea' }],
        ['complete_chapter', { course_id: 'sea', chapter_id: 'sea-1' }],
        ['submit_quiz', { quiz_id: 'sea-quiz', answers: {} }],
        ['ask_mentor', { course_id: 'sea', question: 'Why?' }],
        ['get_chapter', { chapter_id: 'sea-3' }],
        ['get_quiz', { quiz_id: 'sea-essay' }],
      ];
      for (const [name, args] of calls) {
        const { isError, text, challenge } = await client.call(name, args);
        expect([name, isError, text, challenge]).toEqual([name, true, 'The learner has to sign in for this.', SIGN_IN]);
      }
      const unknown = await client.call('get_chapter', { chapter_id: 'nowhere' });
      expect([unknown.isError, unknown.challenge]).toEqual([true, undefined]);
      expect(unknown.text).toMatch(/^There is no such chapter/);
    });

    it('leads a learner through a course: what could be begun, a chapter, a quiz that counts once, and what is next', async () => {
      const { client } = await learner();
      const state = async () => (await client.call<LearningState>('get_learning_state')).found;
      expect(await state()).toMatchObject({
        streak_days: 0,
        course: null,
        next_chapter: null,
        could_begin: [{ id: 'sea' }, { id: 'sky' }],
      });

      const done = await client.call<ProgressChangeDto>('complete_chapter', { course_id: 'sea', chapter_id: 'sea-1' });
      expect(done.found).toMatchObject({
        message: 'Completed “Quays”, 1 of 3 chapters',
        progress: { completed_chapters: ['sea-1'], streak_days: 1 },
      });
      expect(await state()).toMatchObject({
        streak_days: 1,
        course: { course_id: 'sea', completion_percentage: 33.33 },
        next_chapter: { id: 'sea-2', title: 'Ferries' },
        open_quizzes: [{ id: 'sea-quiz', title: 'Quiz 1' }],
        could_begin: [],
      });

      const submission = {
        quiz_id: 'sea-quiz',
        answers: { q1: 'true', q2: 'the captain' },
        submission_id: randomUUID(),
      };
      const failed = await client.call<QuizResultDto>('submit_quiz', submission);
      expect(failed.found).toMatchObject({
        score: 0.5,
        passed: false,
        results: [{ question_id: 'q1', correct: true }, { correct: false }],
      });
      expect(failed.found.feedback.length).toBeGreaterThan(10);
      expect(await client.call('submit_quiz', submission)).toEqual(failed);
      const { text } = await client.call('submit_quiz', { quiz_id: 'sea-quiz', answers: { q9: 'x' } });
      expect(text).toMatch(/^The arguments cannot be used: answers\.q9 /);
      await client.call('submit_quiz', { quiz_id: 'sea-quiz', answers: { q1: true, q2: 'The keeper' } });

      const progress = await client.call<UserProgressDto>('get_progress', { course_id: 'sea' });
      expect(progress.found.quiz_scores['sea-quiz']).toEqual({ score: 1, passed: true, best_score: 1, attempts: 2 });
      expect(await state()).toMatchObject({ open_quizzes: [] });
      await client.call('complete_chapter', { course_id: 'sea', chapter_id: 'sea-2' });
      expect(await state()).toMatchObject({ next_chapter: { id: 'sea-3', locked: true } });
      for (const { text } of [done, failed, progress]) expect(text).not.toMatch(INTERNAL);
    });

    it('is refused what needs another plan, without a word of prices, and has it with that plan', async () => {
      const { client, user } = await learner();
      const ask = () =>
        client.call<MentorSessionResponse>('ask_mentor', {
          course_id: 'sea',
          question: 'What is a quay?',
          chapter_id: null,
        });
      for (const refused of [await ask(), await client.call('get_chapter', { chapter_id: 'sea-3' })]) {
        expect(refused).toMatchObject({ isError: true, challenge: undefined });
        expect(refused.text).toBe(
          'This needs another plan than the learner has. Go on with what is not locked for them.',
        );
      }
      await test.app.get(SubscriptionsService).set(user.id, 'premium', null);
      await eventually(async () => (await client.call('get_chapter', { chapter_id: 'sea-3' })).isError, false);

      const { found: path } = await client.call<AdaptiveLearningResponse>('recommend_next_chapter', {
        course_id: 'sea',
      });
      expect(path.recommended_next_chapter).toBe('sea-1');
      const essay = {
        quiz_id: 'sea-essay',
        question_id: 'q1',
        user_response: 'The owner, until it goes out of scope.',
      };
      expect((await client.call('assess_free_text', essay)).found).toMatchObject({
        generated_by: { provider: 'offline' },
      });
      const chapters = { course_id: 'sea', chapter_ids: ['sea-1', 'sea-2'] };
      expect((await client.call('synthesize_chapters', chapters)).found).toMatchObject({ sources: ['sea-1', 'sea-2'] });
      const { found: first } = await ask();
      const again = { course_id: 'sea', question: 'And a pier?', session_id: first.session_id };
      const { found: second } = await client.call<MentorSessionResponse>('ask_mentor', again);
      expect([second.session_id, second.turns_left]).toEqual([first.session_id, first.turns_left - 1]);
      await ask();
      const spent = await ask();
      expect(spent.text).toMatch(
        /^This day's uses of the feature are spent\. Try again in \d+ (hour|minute|second)s?\.$/,
      );
      const lost = await client.call('ask_mentor', { ...again, session_id: randomUUID() });
      expect(lost.text).toMatch(/Leave session_id out/);
    });

    it('gets an error of the protocol for a tool that is not there, and advice for arguments that are wrong', async () => {
      const client = await anonymous();
      await expect(client.call('drop_tables')).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining('drop_tables') as string,
      });
      const advice = async (name: string, args: Record<string, unknown>) => (await client.call(name, args)).text;
      expect(await advice('get_quiz', {})).toBe('The arguments cannot be used: quiz_id is missing.');
      expect(await advice('get_quiz', { quiz_id: '../../progress/me' })).toMatch(
        /^The arguments cannot be used: quiz_id must be/,
      );
      expect(await advice('get_quiz', { quiz_id: ['a'] })).toBe(
        'The arguments cannot be used: quiz_id must be a single value.',
      );
      expect(await advice('search_course', { q: '', limit: 99, x: 1 })).toMatch(
        /x is not known here.*q must be.*limit must be/,
      );
      expect(await advice('search_course', { q: 'x'.repeat(9000) })).toBe('The arguments are too long.');
    });
  });

  it('leaves a line in the log for the call and one for each operation that it asks, under one request id', async () => {
    await fetch(`${server.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-request-id': 'call-in-the-log',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_course_outline', arguments: { course_id: 'sea' } },
      }),
    });
    const lines = () =>
      server
        .log()
        .split('\n')
        .filter((line) => line.includes('"call-in-the-log"'))
        .map((line) => JSON.parse(line) as { route: string; trace_id: string });
    await eventually(() => Promise.resolve(lines().length), 3);
    expect(lines().map(({ route }) => route)).toEqual([
      '/api/v1/courses/:course_id',
      '/api/v1/courses/:course_id/chapters',
      '/mcp',
    ]);
    expect(new Set(lines().map(({ trace_id }) => trace_id))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
  });
});
