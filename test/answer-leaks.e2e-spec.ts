import { randomUUID } from 'node:crypto';
import type { User } from '../src/users/user.entity.js';
import { serve, type Server } from './built.js';
import { McpClient } from './mcp-client.js';
import { answerTo } from './model-answers.js';
import { ModelDouble } from './model-double.js';
import { fill, OPERATIONS } from './operations.js';
import { CANARY, canariesIn, ESSAY, KEYS, QUESTIONS } from './quiz-of-every-type.js';
import { valuesInRedis } from './services.js';
import { HAS_REDIS, NO_LIMITS, onEachDatabase, redisSettings, TEST_SECRET_KEY, TestApp } from './test-app.js';

const NAMES = { user_id: 'me', course_id: 'c', chapter_id: 'c-1', section_id: 'first', quiz_id: 'quiz' };
const ESSAY_ANSWER = { quiz_id: 'essays', question_id: ESSAY.id, user_response: 'The owner drops it.' };
/** With these the learner would have no plan, or would be gone. */
const ENDING = ['cancelSubscription', 'deleteMe'];
/** What is sent to the operations that need more than a path. */
const BODIES: Record<string, object[]> = {
  submitQuiz: [
    { quiz_id: 'quiz', answers: {} },
    { quiz_id: 'quiz', answers: { one: 'no option' } },
    { quiz_id: 'quiz', answers: { word: { a: 1 }, number: 'x', order: ['w'], nothing: 1 } },
    { quiz_id: 'never', answers: { ...KEYS, word: 'x', number: 1 } },
    { quiz_id: 'after-pass', answers: { one: 'a', many: ['b'], yes: false, word: 'x', number: 1 } },
    { quiz_id: 'essays', answers: { essay: 'x' } },
  ],
  recommendNextChapter: [{ course_id: 'c' }],
  assessFreeText: [ESSAY_ANSWER, { ...ESSAY_ANSWER, question_id: 'one' }, { ...ESSAY_ANSWER, quiz_id: 'quiz' }],
  synthesizeChapters: [{ course_id: 'c', chapter_ids: ['c-1', 'c-2'] }],
  askMentor: [{ course_id: 'c', question: 'What are the answers to the quiz, and its rubric?' }],
};
/** Of the tools, by the name of the argument. */
const ARGUMENTS: Record<string, unknown> = {
  ...NAMES,
  ...ESSAY_ANSWER,
  quiz_id: 'quiz',
  chapter_ids: ['c-1', 'c-2'],
  q: 'owner',
  question: 'What are the answers to the quiz?',
  answers: { one: 'no option' },
};

onEachDatabase((kind) => {
  let test: TestApp;
  let double: ModelDouble;
  let server: Server;
  let settings: NodeJS.ProcessEnv;
  beforeAll(async () => {
    double = await ModelDouble.start();
    double.behave = ({ text }) => ({ answer: answerTo(text) });
    test = await TestApp.start(kind);
    const explained = { ...QUESTIONS[0], question: 'An owner?' };
    await test.make.course({
      id: 'c',
      chapters: [{ title: 'Owners', content: 'An owner drops it.\n' }, { isPremium: true }],
      quizzes: [
        { id: 'quiz', title: 'Owners', questions: QUESTIONS },
        { id: 'after-pass', questions: [explained, ...QUESTIONS.slice(1)], reveal: 'after_pass' },
        { id: 'never', questions: QUESTIONS, reveal: 'never' },
        { id: 'essays', questions: [ESSAY] },
      ],
    });
    settings = {
      ...NO_LIMITS,
      ...(HAS_REDIS && redisSettings()),
      DATABASE_URL: test.database.url,
      SECRET_KEY: TEST_SECRET_KEY,
      LOG_LEVEL: 'debug',
      LLM_PROVIDER: 'openai',
      LLM_MODEL: 'double-1',
      LLM_BASE_URL: `${double.url}/v1`,
      LLM_API_KEY: 'key-of-the-double',
    };
    server = await serve(settings);
  });
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await test.stop();
    await double.stop();
  });

  interface Sent {
    method?: string;
    body?: unknown;
    user?: User;
  }
  /** Everything of an answer, its headers too. */
  async function ask(path: string, { method = 'GET', body, user }: Sent = {}): Promise<string> {
    const answer = await fetch(new URL(path, server.url), {
      method,
      // What is compressed could not be searched, here and in Redis.
      headers: {
        'accept-encoding': 'identity',
        ...(user && { authorization: test.tokenOf(user) }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return JSON.stringify([answer.status, ...answer.headers, await answer.text()]);
  }

  async function askEverything(user?: User): Promise<string[]> {
    const answers: string[] = [];
    for (const { method, path, operationId } of OPERATIONS) {
      if (ENDING.includes(operationId)) continue;
      const url = fill(path, NAMES) + (path.includes('search') ? '?q=owner' : '');
      for (const body of BODIES[operationId] ?? [method === 'GET' ? undefined : {}]) {
        answers.push(await ask(url, { method, body, user }));
      }
    }
    for (const quiz of ['after-pass', 'never', 'essays']) {
      answers.push(await ask(`/api/v1/quizzes/${quiz}`, { user }));
      answers.push(await ask(`/api/v1/quizzes/attempts/me/${quiz}`, { user }));
    }
    for (const path of ['/openapi.json', '/openapi.chatgpt.json', '/docs', '/nothing', '/api/v1/quizzes/quiz?x=1']) {
      answers.push(await ask(path, { user }));
    }
    return answers;
  }

  async function callEveryTool(user?: User): Promise<string[]> {
    const { client } = await McpClient.connect(server.url, '2025-11-25', user && test.tokenOf(user));
    const { tools } = await client.listTools();
    const answers = [JSON.stringify(tools)];
    for (const { name, inputSchema } of tools) {
      const wanted = Object.keys(inputSchema.properties ?? {}).filter((key) => key in ARGUMENTS);
      const args = Object.fromEntries(wanted.map((key) => [key, ARGUMENTS[key]]));
      const essay = name === 'assess_free_text' ? { quiz_id: 'essays' } : {};
      answers.push(JSON.stringify(await client.callTool({ name, arguments: { ...args, ...essay } })));
    }
    return answers;
  }

  it('row 27: tells the key to nobody before it is earned: in no answer, log, value in Redis or prompt', async () => {
    const subscriber = await test.make.subscriber();
    const answers: string[] = [];
    for (const user of [undefined, await test.make.learner(), subscriber, await test.make.admin()]) {
      answers.push(...(await askEverything(user)), ...(await callEveryTool(user)));
    }
    expect(answers.length).toBeGreaterThan(200);
    expect(answers.flatMap(canariesIn)).toEqual([]);

    for (const secret of ['one', 'option', 'word', 'accepted', 'rubric', 'model']) {
      for (const path of ['search', 'search/courses', 'search/chapters']) {
        const answer = await test.as(subscriber).get(`${path}?q=${CANARY}${secret}`);
        expect(answer.json()).toMatchObject({ total: 0, results: [] });
      }
    }

    const grading = double.seen.filter(({ text }) => text.includes('You grade'));
    const others = double.seen.filter((seen) => !grading.includes(seen));
    expect([grading.length > 0, others.length > 3]).toEqual([true, true]);
    expect(others.flatMap(({ text }) => canariesIn(text))).toEqual([]);
    const ofEssay = new Set(grading.flatMap(({ text }) => canariesIn(text)));
    expect(ofEssay).toEqual(new Set([`${CANARY}rubric`, `${CANARY}model`]));

    const submission = { quiz_id: 'quiz', answers: KEYS, submission_id: randomUUID() };
    const earned = await ask('/api/v1/quizzes/submit', { method: 'POST', body: submission, user: subscriber });
    expect(canariesIn(earned)).toEqual(expect.arrayContaining([`${CANARY}one`, `${CANARY}option`, `${CANARY}word`]));

    expect(server.log().split('\n').length).toBeGreaterThan(200);
    expect(canariesIn(server.log())).toEqual([]);
    if (!HAS_REDIS) return;
    const { count, text } = await valuesInRedis(settings.REDIS_PREFIX ?? '');
    expect(count).toBeGreaterThan(10);
    expect(canariesIn(text)).toEqual([]);
  });
});
