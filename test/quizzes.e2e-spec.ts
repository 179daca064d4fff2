import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Response } from 'light-my-request';
import { DataSource } from 'typeorm';
import type { PackageQuiz } from '../src/content/course-package.js';
import { readPackage } from '../src/content/read-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { LIMIT_NAMES } from '../src/limits/limits.js';
import type { Question } from '../src/quizzes/question.js';
import { QuizAttempt } from '../src/quizzes/quiz-attempt.entity.js';
import type { QuizDto, QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import { onRedis } from './services.js';
import { HAS_REDIS, onEachDatabase, redisSettings, TestApp, type Client } from './test-app.js';

const SHARED = join(__dirname, '../../shared/courses');
const itWithShared = existsSync(SHARED) ? it : it.skip;
const CANARY = 'canary-7f3a';

/** One question of each type; whatever only the author should know holds the canary. */
const QUESTIONS: Question[] = [
  {
    id: 'one',
    type: 'single_choice',
    question: 'One?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: 'b',
    explanation: `${CANARY} one`,
    optionExplanations: { a: `${CANARY} option` },
  },
  {
    id: 'many',
    type: 'multiple_choice',
    question: 'Many?',
    options: ['a', 'b', 'c'],
    points: 1,
    correctAnswer: ['a', 'c'],
  },
  { id: 'yes', type: 'true_false', question: 'Yes?', points: 1, correctAnswer: true },
  {
    id: 'word',
    type: 'short_text',
    question: 'Word?',
    points: 1,
    correctAnswer: `${CANARY} word`,
    acceptedAnswers: [CANARY],
  },
  { id: 'number', type: 'numeric', question: 'How many?', points: 1, correctAnswer: 424_242, tolerance: 0 },
  { id: 'order', type: 'ordering', question: 'Order?', options: ['w', 'x', 'y', 'z'], points: 1 },
  {
    id: 'essay',
    type: 'free_text',
    question: 'Why?',
    points: 5,
    rubric: `${CANARY} rubric`,
    correctAnswer: `${CANARY} model`,
  },
];
const KEYS = {
  one: 'b',
  many: ['c', 'a'],
  yes: 'true',
  word: CANARY,
  number: '424242',
  order: ['w', 'x', 'y', 'z'],
  essay: 'Because.',
};

const codeOf = (answer: Response) => [answer.statusCode, answer.json<{ error_code?: string }>().error_code];
const resultOf = (answer: Response) => answer.json<QuizResultDto>();

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({
      id: 'c',
      chapters: [{ title: 'The first chapter' }, { isPremium: true }, {}],
      quizzes: [
        { id: 'all', questions: QUESTIONS },
        { id: 'premium', isPremium: true },
        { id: 'in-premium', chapterId: 'c-2' },
        { id: 'after-pass', questions: QUESTIONS, reveal: 'after_pass' },
        { id: 'never', questions: QUESTIONS, reveal: 'never' },
        { id: 'essays', questions: QUESTIONS.slice(-1) },
        { id: 'last', chapterId: 'c-3' },
        { id: 'afterthought' },
      ],
    });
    await test.make.course({ id: 'hidden', published: false, quizzes: [{ id: 'hidden-quiz' }] });
  });
  afterAll(() => test.stop());

  const submit = (client: Client, quiz_id: string, answers: object, more: object = {}) =>
    client.post('quizzes/submit', { quiz_id, answers, ...more });
  const learner = async () => test.as(await test.make.learner());
  const rowsOf = (userId: string) => test.app.get(DataSource).getRepository(QuizAttempt).countBy({ userId });

  describe('a quiz', () => {
    it('is read with its questions and options, and without an answer', async () => {
      const answer = await test.anonymous.get('quizzes/all');
      expect(answer.statusCode).toBe(200);
      const { questions, ...quiz } = answer.json<QuizDto>();
      expect(quiz).toEqual({
        id: 'all',
        course_id: 'c',
        chapter_id: 'c-1',
        title: 'Quiz 1',
        passing_score: 0.7,
        is_premium: false,
        question_count: 7,
        created_at: expect.any(String) as string,
        updated_at: expect.any(String) as string,
      });
      expect(questions?.map(({ id, type, points }) => [id, type, points])).toEqual(
        QUESTIONS.map(({ id, type, points }) => [id, type, points]),
      );
      for (const question of questions ?? []) {
        expect(
          Object.keys(question)
            .filter((key) => key !== 'options')
            .sort(),
        ).toEqual(['id', 'points', 'question', 'type']);
      }
      expect(answer.body).not.toContain(CANARY);
      expect(answer.body).not.toContain('424242');
    });

    it('shows what is to be ordered shuffled, always the same way', async () => {
      const read = async () => (await test.anonymous.get('quizzes/all')).json<QuizDto>().questions?.[5].options;
      const options = await read();
      expect(options).not.toEqual(['w', 'x', 'y', 'z']);
      expect([...(options ?? [])].sort()).toEqual(['w', 'x', 'y', 'z']);
      expect(await read()).toEqual(options);
    });

    it('that is premium, or of a premium chapter, takes a plan', async () => {
      const premium = test.as(await test.make.subscriber());
      const free = await learner();
      for (const id of ['premium', 'in-premium']) {
        expect(codeOf(await test.anonymous.get(`quizzes/${id}`))).toEqual([401, 'USER_NOT_AUTHENTICATED']);
        expect(codeOf(await free.get(`quizzes/${id}`))).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
        expect((await premium.get(`quizzes/${id}`)).json()).toMatchObject({ id, is_premium: true });
        expect(codeOf(await submit(free, id, { q1: true }))).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
        expect(resultOf(await submit(premium, id, { q1: true }))).toMatchObject({ score: 1, passed: true });
      }
    });

    it('that does not exist, or whose course is hidden, is not found', async () => {
      for (const id of ['nothing', 'hidden-quiz']) {
        expect(codeOf(await test.anonymous.get(`quizzes/${id}`))).toEqual([404, 'QUIZ_NOT_FOUND']);
        expect(codeOf(await submit(await learner(), id, {}))).toEqual([404, 'QUIZ_NOT_FOUND']);
      }
      expect((await test.anonymous.get('quizzes/%20')).statusCode).toBe(422);
    });

    it('is cached for the anonymous alone', async () => {
      const anonymous = await test.anonymous.get('quizzes/all');
      expect(anonymous.headers['cache-control']).toMatch(/^public/);
      const signedIn = await (await learner()).get('quizzes/all');
      expect([signedIn.headers['cache-control'], signedIn.headers.etag]).toEqual(['private, no-store', undefined]);
    });
  });

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
        explanation: `${CANARY} one`,
        option_explanations: { a: `${CANARY} option` },
      });
      expect(byId.many).toEqual({ correct: false, score: 0.5, points: 1, correct_answer: ['a', 'c'] });
      expect(byId.number).toEqual({ correct: false, score: 0, points: 1, correct_answer: 424_242 });
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

    it('row 27: leaves the key in no answer before it is earned, and in no value in Redis', async () => {
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
      for (const { body } of answers) {
        expect(body).not.toContain(CANARY);
        expect(body).not.toContain('424242');
      }
      if (!HAS_REDIS) return;
      await onRedis(async (redis) => {
        const values = await Promise.all((await redis.keys(`*${process.env.TEST_RUN}*`)).map((key) => redis.get(key)));
        expect(values.join()).not.toContain(CANARY);
      });
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
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
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
      expect((await submit(await learner(), 'all', {}, { submission_id })).statusCode).toBe(200);
    });

    it('keeps the best score beside the latest', async () => {
      const client = await learner();
      for (const answers of [{ one: 'b' }, KEYS, {}]) await submit(client, 'all', answers);
      expect((await client.get('progress/me/courses/c')).json()).toMatchObject({
        quiz_scores: { all: { score: 0, passed: false, best_score: 1, attempts: 3 } },
      });
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

  describe('attempts', () => {
    it('are listed with the newest first, in pages, and are the caller’s own', async () => {
      const user = await test.make.learner();
      const client = test.as(user);
      for (const one of ['a', 'b', 'c']) await submit(client, 'all', { one });
      const answer = await client.get('quizzes/attempts/me/all?limit=2');
      expect(answer.headers['x-total-count']).toBe('3');
      expect(answer.headers.link).toContain('rel="next"');
      expect(answer.json()).toMatchObject([
        { user_id: user.id, quiz_id: 'all', answers: { one: 'c' }, score: 0, passed: false },
        { answers: { one: 'b' } },
      ]);
      expect((await client.get('quizzes/attempts/me/last')).json()).toEqual([]);
      expect(codeOf(await client.get('quizzes/attempts/me/nothing'))).toEqual([404, 'QUIZ_NOT_FOUND']);
      const admin = test.as(await test.make.admin());
      expect((await admin.get(`quizzes/attempts/${user.id}/all`)).json<object[]>()).toHaveLength(3);
    });
  });

  describe('the quizzes of a course', () => {
    const idsOf = (answer: Response) => answer.json<QuizDto[]>().map(({ id }) => id);

    it('are those that the plan opens, by the order of the chapters', async () => {
      const free = await learner();
      const user = await test.make.subscriber();
      expect(idsOf(await free.get('quizzes/user/me/course/c'))).toEqual([
        'all',
        'after-pass',
        'never',
        'essays',
        'afterthought',
        'last',
      ]);
      const all = ['all', 'premium', 'after-pass', 'never', 'essays', 'afterthought', 'in-premium', 'last'];
      expect(idsOf(await test.as(user).get('quizzes/user/me/course/c'))).toEqual(all);
      const admin = test.as(await test.make.admin());
      expect(codeOf(await admin.get('quizzes/user/nobody/course/c'))).toEqual([404, 'USER_NOT_FOUND']);
      expect(codeOf(await admin.get('quizzes/attempts/nobody/all'))).toEqual([404, 'USER_NOT_FOUND']);
      expect(idsOf(await admin.get(`quizzes/user/${user.id}/course/c`))).toHaveLength(8);
      const page = await free.get('quizzes/user/me/course/c?limit=2&offset=1&include_questions=false');
      expect(page.json()).toMatchObject([
        { id: 'after-pass', questions: null, question_count: 7 },
        { id: 'never', questions: null },
      ]);
      expect(page.headers['x-total-count']).toBe('6');
      expect(codeOf(await free.get('quizzes/user/me/course/nothing'))).toEqual([404, 'COURSE_NOT_FOUND']);
      expect(codeOf(await free.get('quizzes/user/me/course/hidden'))).toEqual([404, 'COURSE_NOT_FOUND']);
      expect((await free.get('quizzes/user/me/course/c?include_questions=yes')).statusCode).toBe(422);
    });
  });
});

describe('the limit of submissions', () => {
  it.each(HAS_REDIS ? ['memory', 'Redis'] : ['memory'])(
    'in %s counts what was graded, and lets repetitions through',
    async (store) => {
      const contract = Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '']));
      const settings = { ...contract, RATE_LIMIT_QUIZZES_SUBMIT: '3/hour', ...(store === 'Redis' && redisSettings()) };
      const test = await TestApp.start('sqlite', { settings });
      const { quizzes } = await test.make.course({ quizzes: [{}] });
      const client = test.as(await test.make.learner());
      const submission_id = randomUUID();
      const submit = (answers: object, more: object = {}) =>
        client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers, ...more });
      for (let i = 0; i < 5; i++) expect((await submit({ q1: 'perhaps' })).statusCode).toBe(422);
      const first = await submit({ q1: true }, { submission_id });
      for (let i = 0; i < 5; i++) expect((await submit({ q1: true }, { submission_id })).statusCode).toBe(200);
      expect((await submit({ q1: true })).statusCode).toBe(200);
      expect((await submit({ q1: true })).statusCode).toBe(200);
      const spent = await submit({ q1: true });
      expect(codeOf(spent)).toEqual([429, 'QUIZ_SUBMISSION_LIMIT_EXCEEDED']);
      expect(Number(spent.headers['retry-after'])).toBeGreaterThan(3000);
      expect((await submit({ q1: true }, { submission_id })).body).toBe(first.body);
      expect(codeOf(await submit({ q1: false }, { submission_id }))).toEqual([422, 'IDEMPOTENCY_CONFLICT']);
      expect(codeOf(await submit({ q1: true }, { submission_id: randomUUID() }))).toEqual([
        429,
        'QUIZ_SUBMISSION_LIMIT_EXCEEDED',
      ]);
      expect(codeOf(await submit({ q1: true }))).toEqual([429, 'QUIZ_SUBMISSION_LIMIT_EXCEEDED']);
      await test.stop();
    },
  );

  it('lets every copy of the last submission through when they come together', async () => {
    const contract = Object.fromEntries(LIMIT_NAMES.map((name) => [`RATE_LIMIT_${name}`, '']));
    const test = await TestApp.start('sqlite', { settings: { ...contract, RATE_LIMIT_QUIZZES_SUBMIT: '3/hour' } });
    const { quizzes } = await test.make.course({ quizzes: [{}] });
    const client = test.as(await test.make.learner());
    const submit = (more: object) => client.post('quizzes/submit', { quiz_id: quizzes[0].id, answers: {}, ...more });
    for (let i = 0; i < 2; i++) await submit({});
    const submission_id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit({ submission_id })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect((await submit({})).statusCode).toBe(429);
    await test.stop();
  });
});

itWithShared('over every quiz of the courses in ../shared the key scores 1 and wrong answers 0', async () => {
  const test = await TestApp.start('sqlite');
  const client = test.as(await test.make.subscriber());
  let questions = 0;
  for (const name of readdirSync(SHARED)) {
    const { package: course } = await readPackage(join(SHARED, name));
    if (!course) throw new Error(`${name} cannot be read`);
    await test.make.import(course);
    for (const quiz of course.quizzes) {
      const graded = quiz.questions.filter(({ type }) => type !== 'free_text');
      questions += quiz.questions.length;
      if (graded.length === 0) continue;
      const submit = (answerOf: (question: Question) => unknown) =>
        client.post('quizzes/submit', {
          quiz_id: quiz.id,
          answers: Object.fromEntries(graded.map((question) => [question.id, answerOf(question)])),
        });
      expect([quiz.id, resultOf(await submit(rightAnswer)).score]).toEqual([quiz.id, 1]);
      expect([quiz.id, resultOf(await submit(wrongAnswer)).score]).toEqual([quiz.id, 0]);
    }
  }
  expect(questions).toBe(260);
  await test.stop();
});

function rightAnswer(question: Question): unknown {
  return question.type === 'ordering' ? question.options : question.correctAnswer;
}

function wrongAnswer(question: Question): unknown {
  switch (question.type) {
    case 'single_choice':
      return question.options.find((option) => option !== question.correctAnswer);
    case 'multiple_choice':
      return question.options.filter((option) => !question.correctAnswer.includes(option));
    case 'true_false':
      return !question.correctAnswer;
    case 'numeric':
      return question.correctAnswer + question.tolerance + 1;
    case 'ordering':
      return [...question.options].reverse();
    case 'short_text':
    case 'free_text':
      return 'certainly not this';
  }
}
