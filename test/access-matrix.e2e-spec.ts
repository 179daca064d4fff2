import { DataSource } from 'typeorm';
import type { Scope } from '../src/auth/scope.js';
import { LIMITS } from '../src/limits/limits.js';
import { Subscription } from '../src/subscriptions/subscription.entity.js';
import { User } from '../src/users/user.entity.js';
import { codeOf, fieldsOf } from './answers.js';
import { grantedToken } from './app-tokens.js';
import { fill, ofUsers, type Operation, OPERATIONS } from './operations.js';
import { onEachDatabase, TestApp } from './test-app.js';

/** A route that takes a token, and has no empty alternative to it. */
const isPrivate = ({ security = [] }: Operation) =>
  security.length > 0 && security.every((tokens) => Object.keys(tokens).length > 0);
/** The scope that opens a route to an app; null where it is closed to apps. */
const scopeOf = ({ security = [] }: Operation) => security.find((tokens) => 'oauth' in tokens)?.oauth ?? null;
/** Routes that look at no token. */
const OPEN = ['register', 'login', 'refreshTokens', 'logout', 'resetPassword', 'listPlans'];
/** Open routes that are closed where what they read is premium. */
const SOMETIMES_PREMIUM = ['getChapter', 'listSections', 'getSection', 'getQuiz'];
/** Routes that nobody but an admin may use, even on themselves. */
const FOR_ADMINS = ['setSubscription'];
/** Routes that no app may use, beside those of accounts. */
const CLOSED_TO_APPS = [...FOR_ADMINS, 'cancelSubscription'];

onEachDatabase((kind) => {
  let test: TestApp;
  let one: User;
  let other: User;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    [one, other] = [await test.make.learner(), await test.make.learner()];
  });
  afterAll(() => test.stop());

  const ask = ({ method, path }: Operation, user: string, headers: Record<string, string> = {}, payload?: object) =>
    test.send({ method, url: fill(path, { user_id: user }), headers, payload });
  const bearer = (user: User) => ({ authorization: test.tokenOf(user) });

  it.each(OPERATIONS.filter(isPrivate))('$method $path is closed to the anonymous', async (route) => {
    expect(codeOf(await ask(route, one.id))).toEqual([401, 'USER_NOT_AUTHENTICATED']);
    expect(codeOf(await ask(route, 'me', {}, { nonsense: true }))).toEqual([401, 'USER_NOT_AUTHENTICATED']);
  });

  it.each(OPERATIONS.filter((route) => !isPrivate(route)))('$method $path is open to the anonymous', async (route) => {
    const answer = await ask(route, one.id, {}, route.method === 'POST' ? {} : undefined);
    expect([200, 404, 422, 503, 204]).toContain(answer.statusCode);
  });

  it.each(OPERATIONS.filter(({ path, operationId }) => path.startsWith('/api/') && !OPEN.includes(operationId)))(
    '$method $path refuses a bad token',
    async (route) => {
      expect(codeOf(await ask(route, one.id, { authorization: 'Bearer nonsense' }))).toEqual([401, 'INVALID_TOKEN']);
    },
  );

  it.each(ofUsers)('row 25: $method $path is closed to another user, whether or not there is one', async (route) => {
    const variants = [other.id, 'nobody', 'ME', 'Me', one.id.toUpperCase(), '%20me', 'me%20', 'me.', '%6De%00', '-'];
    const answers = await Promise.all(variants.map((user) => ask(route, user, bearer(one))));
    const details = new Set(answers.map((answer) => answer.json<{ detail: string }>().detail));
    expect(answers.map(codeOf)).toEqual(answers.map(() => [403, 'INSUFFICIENT_PERMISSIONS']));
    expect(details.size).toBe(1);
  });

  it.each(ofUsers.filter(({ operationId }) => !FOR_ADMINS.includes(operationId)))(
    '$method $path is the caller’s own under their id, as me and as %6de',
    async (route) => {
      for (const user of ['me', one.id, '%6de']) {
        expect([200, 204, 404]).toContain((await ask(route, user, bearer(one))).statusCode);
      }
    },
  );

  it.each(OPERATIONS.filter((route) => isPrivate(route) && route.requestBody))(
    'row 25: $method $path does nothing for another user whom its body names',
    async (route) => {
      const answer = await ask(route, 'me', bearer(one), { user_id: other.id });
      expect(codeOf(answer)).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
    },
  );

  it('row 25: what another user asks for changes nothing, whatever it names', async () => {
    const wanted = await test.make.course({ quizzes: [{}] });
    const [chapter] = wanted.chapters;
    const owner = await test.make.subscriber();
    await test.make.begun(owner, wanted.course.id, chapter.id);
    await test.make.attempt(owner, wanted.quizzes[0].id);
    const stored = async () => (await test.as(owner).get('auth/me/export')).json<{ records: object }>().records;
    const before = await stored();
    const names = { course_id: wanted.course.id, chapter_id: chapter.id, quiz_id: wanted.quizzes[0].id };
    for (const { method, path } of ofUsers) {
      for (const user_id of [owner.id, owner.id.toUpperCase(), `${owner.id}%20`, owner.id.replaceAll('-', '%2D')]) {
        const url = fill(path, { ...names, user_id });
        const answer = await test.send({ method, url, headers: bearer(one), payload: {} });
        expect([url, ...codeOf(answer)]).toEqual([url, 403, 'INSUFFICIENT_PERMISSIONS']);
      }
    }
    expect(await stored()).toEqual(before);
  });

  it.each(OPERATIONS.filter(({ operationId, requestBody }) => requestBody && !FOR_ADMINS.includes(operationId)))(
    'row 26: $method $path takes no role, plan, state or score from its body',
    async (route) => {
      const rows = () =>
        Promise.all([User, Subscription].map((entity) => test.app.get(DataSource).getRepository(entity).find()));
      const subscriber = await test.make.subscriber();
      const before = await rows();
      const wishes = { role: 'admin', is_active: false, plan_type: 'team', score: 1, passed: true, token_version: 9 };
      const answer = await ask(route, 'me', bearer(subscriber), wishes);
      expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
      expect(fieldsOf(answer)).toEqual(expect.arrayContaining(Object.keys(wishes)));
      expect(await rows()).toEqual(before);
    },
  );

  describe.each<[Scope[]]>([[['learn:read']], [['learn:write']], [['learn:read', 'learn:write']], [[]]])(
    'an app with %j',
    (scopes) => {
      let token: string;
      beforeAll(async () => {
        token = await grantedToken(test, one, scopes);
      });

      it.each(OPERATIONS.filter(({ path, operationId }) => path.startsWith('/api/') && !OPEN.includes(operationId)))(
        'may use $method $path if that is open to apps and to this scope',
        async (route) => {
          const [needed] = scopeOf(route) ?? [];
          const answer = await ask(route, 'me', { authorization: `Bearer ${token}` });
          if (needed !== undefined && scopes.some((scope) => scope === needed)) {
            expect([200, 204, 403, 404, 422, 503]).toContain(answer.statusCode);
            if (answer.statusCode === 403) expect(codeOf(answer)).toEqual([403, 'SUBSCRIPTION_REQUIRED']);
          } else {
            expect(codeOf(answer)).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
            const lacking = needed && `Bearer error="insufficient_scope", scope="${needed}"`;
            expect(answer.headers['www-authenticate']).toBe(lacking);
          }
        },
      );
    },
  );

  it('an app of an admin is no admin', async () => {
    const admin = await test.make.admin();
    const headers = { authorization: `Bearer ${await grantedToken(test, admin, ['learn:read', 'learn:write'])}` };
    const reading = ofUsers.filter((route) => route.method === 'GET' && scopeOf(route));
    for (const route of reading) {
      expect(codeOf(await ask(route, one.id, headers))).toEqual([403, 'INSUFFICIENT_PERMISSIONS']);
    }
    expect(reading.length).toBeGreaterThan(5);
  });

  it('every route but those of the service says which limit it has, and documents what that and its access can answer', () => {
    for (const route of OPERATIONS.filter(({ path }) => path.startsWith('/api/'))) {
      expect([route.path, Object.keys(LIMITS)]).toEqual([
        route.path,
        expect.arrayContaining([route['x-rate-limit']?.name]),
      ]);
      const codes = Object.values(route.responses).flatMap(({ content }) =>
        Object.keys(content?.['application/json'].examples ?? {}),
      );
      expect(codes).toContain('RATE_LIMIT_EXCEEDED');
      expect(codes.includes('USER_NOT_AUTHENTICATED')).toBe(
        isPrivate(route) || SOMETIMES_PREMIUM.includes(route.operationId),
      );
      expect(codes.includes('TOKEN_EXPIRED')).toBe(!OPEN.includes(route.operationId));
      expect(codes.includes('INSUFFICIENT_PERMISSIONS')).toBe(!OPEN.includes(route.operationId));
    }
    expect(OPERATIONS.filter(isPrivate).length).toBeGreaterThan(8);
  });

  it('takes a token of the caller’s own wherever it takes one, and an app’s to read and to act but not for accounts', () => {
    for (const route of OPERATIONS) {
      const { path, operationId, security = [] } = route;
      const isOpen = !path.startsWith('/api/') || OPEN.includes(operationId);
      const isClosedToApps = isOpen || path.includes('/auth/') || CLOSED_TO_APPS.includes(operationId);
      const scope = isClosedToApps ? null : [route.method === 'GET' ? 'learn:read' : 'learn:write'];
      expect([path, security.some((tokens) => 'bearer' in tokens), scopeOf(route)]).toEqual([path, !isOpen, scope]);
    }
  });
});
