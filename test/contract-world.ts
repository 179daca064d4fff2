import fc from 'fast-check';
import type { Response } from 'light-my-request';
import { PasswordResets } from '../src/auth/password-resets.js';
import type { PackageQuiz } from '../src/content/course-package.js';
import type { User } from '../src/users/user.entity.js';
import { connect, grantedToken } from './app-tokens.js';
import type { ArbitraryRequest, Hints } from './arbitrary-requests.js';
import type { Operation } from './operations.js';
import { PASSWORD } from './make.js';
import { type DatabaseKind, TestApp } from './test-app.js';

/** Who asks; a reader and a writer are apps of a premium learner, with one scope each, and the leaver is soon gone. */
type Role = 'anonymous' | 'learner' | 'premium' | 'admin' | 'reader' | 'writer' | 'leaver';

const IS_PREMIUM = new Set<Role>(['premium', 'reader', 'writer', 'leaver']);

/** What puts an end to an account, its tokens or its plan. */
const ENDS = ['deleteMe', 'changePassword', 'resetPassword', 'cancelSubscription'];

/** Anybody, but mostly those to whom an operation is open. */
export function rolesFor({ operationId, security = [], responses }: Operation): fc.Arbitrary<Role> {
  const scopes = security.flatMap(({ oauth = [] }) => oauth);
  const isPrivate = security.length > 0 && security.every((tokens) => Object.keys(tokens).length > 0);
  const needsPlan =
    isPrivate && 'SUBSCRIPTION_REQUIRED' in (responses[403].content?.['application/json'].examples ?? {});
  const isEnd = ENDS.includes(operationId);
  const weights: Record<Role, number> = {
    anonymous: isPrivate ? 1 : 6,
    leaver: isEnd ? 30 : 1,
    learner: needsPlan ? 1 : 4,
    premium: isEnd ? 0 : 10,
    admin: operationId === 'setSubscription' ? 30 : needsPlan ? 1 : 3,
    reader: scopes.includes('learn:read') ? 4 : 1,
    writer: scopes.includes('learn:write') ? 6 : 1,
  };
  return fc.oneof(
    ...Object.entries(weights).map(([role, weight]) => ({ weight, arbitrary: fc.constant(role as Role) })),
  );
}

const NO_SESSION = '00000000-0000-4000-8000-000000000000';
const COURSE = 'under-fire';
const chapters = [1, 2, 3, 4, 5].map((order) => `${COURSE}-${order}`);
const quizzes = [1, 2].map((order) => `${COURSE}-quiz-${order}`);
const CHAPTERS = [{}, { content: 'A text.\n\n## More of it\n\nAnd the text of it.\n' }, { isPremium: true }, {}, {}];
const base = (id: string) => ({ id, question: 'What is it?', points: 1 });
const COLORS = ['red', 'blue', 'green'];
const QUESTIONS: PackageQuiz['questions'] = [
  { ...base('q1'), type: 'true_false', correctAnswer: true },
  { ...base('q2'), type: 'single_choice', options: COLORS, correctAnswer: 'red' },
  { ...base('q3'), type: 'multiple_choice', options: COLORS, correctAnswer: ['red', 'blue'] },
  { ...base('q4'), type: 'short_text', correctAnswer: 'Paris', acceptedAnswers: [] },
  { ...base('q5'), type: 'numeric', correctAnswer: 42, tolerance: 0 },
  { ...base('q6'), type: 'ordering', options: COLORS },
  {
    ...base('q7'),
    type: 'free_text',
    correctAnswer: 'Because types say what code means.',
    rubric: 'Says what types are for.',
  },
];
const often = (value: string): string[] => Array<string>(15).fill(value);
const answers = fc.record(
  {
    q1: fc.constantFrom<unknown>(true, false, 'true', null),
    q2: fc.constantFrom<unknown>('red', 'blue', ['red'], 'nothing'),
    q3: fc.subarray(COLORS),
    q4: fc.constantFrom<unknown>('Paris', ' paris ', 7),
    q5: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant('42')),
    q6: fc.shuffledSubarray(COLORS, { minLength: 3 }),
  },
  { requiredKeys: [] },
);

/** What exists in the world, and what is good for it. */
export const hints: Hints = {
  course_id: fc.constantFrom(...often(COURSE), 'empty', 'unpublished', 'nowhere'),
  chapter_id: fc.constantFrom(...often(chapters[1]), ...chapters, 'unpublished-1', 'nowhere'),
  current_chapter_id: fc.constantFrom(...chapters),
  chapter_ids: fc.shuffledSubarray(chapters, { minLength: 2 }),
  section_id: fc.constantFrom(...often('first'), 'more-of-it', 'nowhere'),
  quiz_id: fc.constantFrom(...often(quizzes[0]), ...quizzes, 'nowhere'),
  question_id: fc.constantFrom(...often('q7'), 'q1'),
  answers,
  user_id: fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom('me', '~own~') },
    { weight: 1, arbitrary: fc.constantFrom('~other~', 'ME', 'nobody') },
  ),
  client_id: fc.constantFrom('app', 'app', 'another'),
  session_id: fc.constant('~session~'),
  q: fc.constantFrom('chapter', '"the text"', 'text of', 'premium words', 'zzz', 'tex', 'a*', 'c++'),
  email: fc.nat().map((number) => `fire-${number}@example.com`),
  username: fc.nat().map((number) => `fire-${number}`),
  login: fc.constantFrom('~login~', '~login~', 'nobody@example.com'),
  password: fc.constant(PASSWORD),
  current_password: fc.constant(PASSWORD),
  new_password: fc.constant(PASSWORD),
  refresh_token: fc.constant('~refresh~'),
  token: fc.constant('~reset~'),
  timezone: fc.constantFrom('Europe/London', 'Pacific/Apia', 'UTC', 'Nowhere/Nowhere'),
  month: fc.constantFrom('2026-11', '1999-01', '9999-12'),
  end_date: fc.constantFrom<unknown>('2999-01-01', '2030-01-31T00:00:00Z', '2001-01-01', null),
};

/** An application with a course and learners in it, who are made anew when a request has put an end to them. */
export class ContractWorld {
  private readonly users = new Map<Role, User>();
  private readonly tokens = new Map<Role, string>();
  private readonly sessions = new Map<Role, string>();

  private constructor(
    private readonly test: TestApp,
    private readonly other: User,
  ) {}

  static async start(kind: DatabaseKind): Promise<ContractWorld> {
    const test = await TestApp.start(kind, { settings: { LLM_PROVIDER: 'offline' } });
    await test.make.course({
      id: COURSE,
      chapters: CHAPTERS,
      quizzes: [{ questions: QUESTIONS }, { isPremium: true }],
    });
    await test.make.course({ id: 'empty', chapters: 1 });
    await test.make.course({ id: 'unpublished', published: false });
    return new ContractWorld(test, await test.make.learner());
  }

  stop(): Promise<void> {
    return this.test.stop();
  }

  /** Sends a request as whoever asks. @returns it as it was sent, and its answer */
  async send(request: ArbitraryRequest): Promise<{ sent: ArbitraryRequest; response: Response }> {
    const { headers, payload } = request;
    const role = request.as as Role;
    const given = headers.authorization as string | undefined;
    const authorization = given ?? (role === 'anonymous' ? undefined : 'Bearer ~token~');
    const all = Object.entries({ ...headers, ...(authorization !== undefined && { authorization }) });
    const filled = await Promise.all(all.map(async ([name, value]) => [name, await this.fill(value, role)]));
    const sent = {
      ...request,
      url: await this.fill(request.url, role),
      headers: Object.fromEntries(filled) as Record<string, string>,
      payload: typeof payload === 'string' ? await this.fill(payload, role) : payload,
    };
    const response = await this.test.send({
      method: sent.method,
      url: sent.url,
      headers: sent.headers,
      payload: sent.payload,
    });
    this.learnFrom(response, request, role);
    return { sent, response };
  }

  /**
   * An account that is gone, a new password, an app that was cut off, a plan that ended: somebody else takes the part.
   */
  private learnFrom({ statusCode, body }: Response, { operationId, headers }: ArbitraryRequest, role: Role): void {
    const hasLostToken = headers.authorization === undefined && body.includes('"The access token is not valid"');
    const hasLostPlan = IS_PREMIUM.has(role) && body.includes('"SUBSCRIPTION_REQUIRED"');
    if (hasLostToken || hasLostPlan || (operationId === 'deleteMe' && statusCode === 204)) {
      this.users.delete(role);
      this.tokens.delete(role);
    }
    const [, session] = /"session_id":"([\da-f-]{36})"/.exec(body) ?? [];
    if (session !== undefined) this.sessions.set(role, session);
  }

  /** Puts in what stands as `~word~`. */
  private async fill(text: string, role: Role): Promise<string> {
    const words = text.match(/~(own|other|token|login|refresh|reset|session)~/g);
    if (!words) return text;
    const values = new Map<string, string>();
    for (const word of new Set(words)) values.set(word, await this.valueOf(word, role));
    return text.replaceAll(/~\w+~/g, (word) => values.get(word) ?? word);
  }

  private async valueOf(word: string, role: Role): Promise<string> {
    const user = await this.userOf(role);
    switch (word) {
      case '~own~':
        return user.id;
      case '~other~':
        return this.other.id;
      case '~login~':
        return user.email;
      case '~reset~':
        return this.test.app.get(PasswordResets).offer(user.id);
      case '~refresh~':
        return this.refreshToken(user);
      case '~session~':
        return this.sessions.get(role) ?? NO_SESSION;
      default:
        return this.tokenOf(role, user);
    }
  }

  private async userOf(role: Role): Promise<User> {
    const known = this.users.get(role);
    if (known) return known;
    const { make } = this.test;
    const user = await (IS_PREMIUM.has(role) ? make.subscriber() : role === 'admin' ? make.admin() : make.learner());
    await connect(this.test, user);
    this.users.set(role, user);
    return user;
  }

  private async tokenOf(role: Role, user: User): Promise<string> {
    const known = this.tokens.get(role);
    if (known !== undefined) return known;
    const token =
      role === 'reader' || role === 'writer'
        ? await grantedToken(this.test, user, [role === 'reader' ? 'learn:read' : 'learn:write'])
        : this.test.tokenOf(user).replace('Bearer ', '');
    this.tokens.set(role, token);
    return token;
  }

  private async refreshToken({ email }: User): Promise<string> {
    const { body } = await this.test.anonymous.post('auth/login', { login: email, password: PASSWORD });
    return (JSON.parse(body) as { refresh_token?: string }).refresh_token ?? 'none';
  }
}
