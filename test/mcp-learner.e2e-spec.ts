import { randomUUID } from 'node:crypto';
import type { AdaptiveLearningResponse, MentorSessionResponse } from '../src/hybrid/hybrid.dto.js';
import type { LearningState } from '../src/mcp/learning-state.js';
import type { ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import { SubscriptionsService } from '../src/subscriptions/subscriptions.service.js';
import { eventually } from './eventually.js';
import { INTERNAL, McpClient, REVISIONS } from './mcp-client.js';
import { PUBLIC_URL, SeaCourse } from './sea-course.js';
import { onEachDatabase } from './test-app.js';

const SIGN_IN = `Bearer resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource", scope="learn:read learn:write", error="insufficient_scope", error_description="The learner has to sign in for this."`;

onEachDatabase((kind) => {
  let sea: SeaCourse;
  beforeAll(async () => {
    sea = await SeaCourse.start(kind);
  });
  afterAll(() => sea.stop());

  describe.each(REVISIONS)('a client of the revision %s', (revision) => {
    const anonymous = () => McpClient.connect(sea.server.url, revision);
    const learner = async () => {
      const user = await sea.test.make.learner();
      return { user, client: await McpClient.connect(sea.server.url, revision, sea.test.tokenOf(user)) };
    };

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

    it('is told the streak of a course that was hidden meanwhile', async () => {
      const { client } = await learner();
      const { course } = await sea.test.make.course();
      await client.call('complete_chapter', { course_id: course.id, chapter_id: `${course.id}-1` });
      await sea.test.make.course({ id: course.id, published: false });
      const { found } = await client.call<LearningState>('get_learning_state');
      expect([found.course, found.streak_days]).toEqual([null, 1]);
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
      await sea.test.app.get(SubscriptionsService).set(user.id, 'premium', null);
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
  });
});
