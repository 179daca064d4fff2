import type { Response } from 'light-my-request';
import type { User } from '../src/users/user.entity.js';
import { codeOf } from './answers.js';
import { fill, type Operation, OPERATIONS } from './operations.js';
import { onEachDatabase, TestApp } from './test-app.js';

const REFUSED = [422, 'VALIDATION_ERROR'];
const UNREADABLE = [400, 'BAD_REQUEST'];

/** Ids, and what is said of each by whatever route it is asked for. */
const IDS: [string, (string | number)[]][] = [
  ['a%00b', REFUSED],
  ['%00', REFUSED],
  ['%ff', UNREADABLE],
  ['%ED%A0%80', UNREADABLE],
  ['%F0%9F%90%8D', REFUSED],
  ['a'.repeat(3500), REFUSED],
  ['a'.repeat(10_000), [414, 'URI_TOO_LONG']],
  ['__proto__', REFUSED],
];
/** Ids in form, that are none of anything, though JavaScript or a database might find something there. */
const STRANGE_IDS = ['99999999999', '1e400', '0x10', 'NaN', 'null', 'constructor', 'toString', 'hasOwnProperty'];
/** Text that not every database can store. */
const TEXTS = ['a\u0000b', '\u0000', '\ud800', 'a\udfffb'];

const isOfContent = ({ path }: Operation) => /\{(course|chapter|quiz|section)_id\}/.test(path);
const withIds = (path: string, id: string) =>
  fill(path, { user_id: 'me', course_id: id, chapter_id: id, quiz_id: id, section_id: id });

onEachDatabase((kind) => {
  let test: TestApp;
  let user: User;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    user = await test.make.subscriber();
    await test.make.course({
      id: 'c',
      quizzes: [
        {
          id: 'q',
          questions: [{ id: 'n', type: 'numeric', question: '?', points: 1, correctAnswer: 1, tolerance: 0 }],
        },
      ],
    });
  });
  afterAll(() => test.stop());

  const send = (method: Operation['method'], url: string, payload?: string): Promise<Response> =>
    test.send({
      method,
      url,
      payload,
      headers: {
        authorization: test.tokenOf(user),
        ...(payload !== undefined && { 'content-type': 'application/json' }),
      },
    });

  it.each(OPERATIONS.filter(isOfContent))('row 37: $method $path refuses what is no id', async ({ method, path }) => {
    for (const [id, code] of IDS) {
      expect([id.slice(0, 20), ...codeOf(await send(method, withIds(path, id)))]).toEqual([id.slice(0, 20), ...code]);
    }
  });

  it.each(OPERATIONS.filter(isOfContent))(
    'row 36, row 37: $method $path finds nothing by a strange id',
    async (route) => {
      for (const id of STRANGE_IDS) {
        expect([id, (await send(route.method, withIds(route.path, id))).statusCode]).toEqual([id, 404]);
      }
    },
  );

  it.each(['limit', 'offset'])('row 37: refuses a number that is none, or too large, as %s', async (name) => {
    for (const value of ['99999999999', '9'.repeat(400), '-1', '1e9', '1.5', 'NaN', '%00', '']) {
      for (const path of ['courses?', 'courses/c/chapters?', 'search?q=a&', 'progress/me/courses?']) {
        const answer = await send('GET', `/api/v1/${path}${name}=${value}`);
        expect([path, value.slice(0, 20), ...codeOf(answer)]).toEqual([path, value.slice(0, 20), ...REFUSED]);
      }
    }
  });

  it.each(TEXTS)('row 37: refuses the text %j wherever it is sent', async (text) => {
    const account = { email: 'ada@example.com', username: 'ada', password: 'a good password' };
    const bodies: [Operation['method'], string, object][] = [
      ...Object.keys(account).map((field): [Operation['method'], string, object] => [
        'POST',
        'auth/register',
        { ...account, [field]: `${account[field as keyof typeof account]}${text}` },
      ]),
      ['POST', 'auth/login', { login: text, password: 'x' }],
      ['POST', 'auth/login', { login: 'ada', password: text }],
      ['POST', 'auth/refresh', { refresh_token: text }],
      ['PATCH', 'auth/me', { username: `ada${text}` }],
      ['PATCH', 'auth/me', { timezone: text }],
      ['POST', 'quizzes/submit', { quiz_id: 'q', answers: { n: text } }],
      ['POST', 'quizzes/submit', { quiz_id: 'q', answers: { [text]: 1 } }],
      ['POST', 'quizzes/submit', { quiz_id: text, answers: {} }],
      ['POST', 'hybrid/mentor-session', { course_id: 'c', question: text }],
      ['POST', 'hybrid/mentor-session', { course_id: 'c', question: 'Why?', context: text }],
      ['POST', 'hybrid/adaptive-learning', { course_id: 'c', learning_goals: [text] }],
    ];
    for (const [method, path, body] of bodies) {
      const answer = await send(method, `/api/v1/${path}`, JSON.stringify(body));
      expect([path, body, ...codeOf(answer)]).toEqual([path, body, ...REFUSED]);
    }
  });

  it.each<[string, string, (string | number)[]]>([
    ['20,000 levels', `{"answers":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, REFUSED],
    ['20,000 levels of objects', `${'{"answers":'.repeat(20_000)}1${'}'.repeat(20_000)}`, REFUSED],
    ['20,000 levels without an end', '['.repeat(20_000), UNREADABLE],
    ['a prototype', '{"__proto__":{"role":"admin"}}', UNREADABLE],
    ['a prototype in the answers', '{"quiz_id":"q","answers":{"__proto__":{"role":"admin"}}}', UNREADABLE],
    ['a prototype of a constructor', '{"constructor":{"prototype":{"role":"admin"}}}', UNREADABLE],
    ['a constructor', '{"constructor":{"role":"admin"}}', REFUSED],
    ['a constructor for a question', '{"quiz_id":"q","answers":{"constructor":1}}', REFUSED],
    ['a number without an end', '{"quiz_id":"q","answers":{"n":1e400}}', REFUSED],
    ['ten megabytes', JSON.stringify({ quiz_id: 'a'.repeat(10_000_000) }), [413, 'PAYLOAD_TOO_LARGE']],
  ])('row 36: refuses JSON of %s and goes on', async (_name, payload, code) => {
    for (const [method, path] of [
      ['POST', 'quizzes/submit'],
      ['POST', 'auth/register'],
      ['PATCH', 'auth/me'],
      ['POST', 'progress/me/courses/c/chapters/c-1'],
    ] as const) {
      const answer = await send(method, `/api/v1/${path}`, payload);
      expect([path, ...codeOf(answer)]).toEqual([path, ...code]);
      expect(answer.json()).toMatchObject({ request_id: answer.headers['x-request-id'] });
    }
    expect((await test.get('/health/ready')).statusCode).toBe(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect((await send('GET', '/api/v1/auth/me')).json()).toMatchObject({ role: 'learner' });
  });
});
