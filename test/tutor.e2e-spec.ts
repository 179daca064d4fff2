import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  auth,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { PROJECT_ROOT } from '../src/common/project.js';
import { freePort } from '../drill/ports.js';
import { CALLBACK } from './authorization.js';
import { Browser } from './browser.js';
import { cli, serve, type Server } from './built.js';
import { McpClient, REVISIONS } from './mcp-client.js';
import { DATABASE_KINDS, migrated, redisSettings, HAS_REDIS, TEST_SECRET_KEY, type TestDatabase } from './test-app.js';

const COURSE = 'modern-python-with-typing';
const ALL = 'learn:read learn:write offline_access';

/** A ChatGPT app as far as signing in goes: it has a client, keeps tokens, and sends the learner's browser away. */
class App implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata = { redirect_uris: [CALLBACK], scope: ALL };
  /** Where it has sent the browser. */
  sentTo?: URL;
  private kept?: StoredOAuthTokens;
  private verifier = '';
  private discovered?: OAuthDiscoveryState;

  constructor(private readonly client: StoredOAuthClientInformation) {}

  clientInformation = () => this.client;
  tokens = () => this.kept;
  saveTokens = (tokens: StoredOAuthTokens) => void (this.kept = tokens);
  redirectToAuthorization = (url: URL) => void (this.sentTo = url);
  saveCodeVerifier = (verifier: string) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
  saveDiscoveryState = (state: OAuthDiscoveryState) => void (this.discovered = state);
  discoveryState = () => this.discovered;
}

describe.each(DATABASE_KINDS.flatMap((kind) => REVISIONS.map((revision) => [kind, revision] as const)))(
  'on %s, with revision %s of the protocol',
  (kind, revision) => {
    let database: TestDatabase;
    let settings: NodeJS.ProcessEnv;
    let server: Server;
    beforeAll(async () => {
      database = await migrated(kind);
      const port = await freePort();
      settings = {
        DATABASE_URL: database.url,
        SECRET_KEY: TEST_SECRET_KEY,
        BCRYPT_COST: '4',
        PORT: String(port),
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        LLM_PROVIDER: 'offline',
        ...(kind === 'postgres' && HAS_REDIS && redisSettings()),
      };
      await cli(['content', 'import', join(PROJECT_ROOT, 'content', COURSE)], settings);
      server = await serve(settings);
    });
    afterAll(async () => {
      server.child.kill('SIGKILL');
      await database.drop();
    });

    it('a tutor reads without a sign-in, has the learner sign in where it is needed, and teaches to the end', async () => {
      const anonymous = await McpClient.connect(server.url, revision);
      const { found: outline } = await anonymous.call<{ chapters: { id: string; quiz_ids: string[] }[] }>(
        'get_course_outline',
        { course_id: COURSE },
      );
      const [chapter] = outline.chapters;
      const read = await anonymous.call<{ content: string }>('get_chapter', { chapter_id: chapter.id });
      expect(read.found.content.length).toBeGreaterThan(1000);
      const quizId = chapter.quiz_ids[0];
      expect((await anonymous.call('get_quiz', { quiz_id: quizId })).isError).toBe(false);
      const refused = await anonymous.call('submit_quiz', { quiz_id: quizId, answers: {} });
      expect(refused.isError).toBe(true);
      expect(refused.challenge).toContain('/.well-known/oauth-protected-resource"');

      const app = await registeredApp();
      const learner = await connectedClient(app);
      const state = await learner.call<{ course: unknown; could_begin: { id: string }[] }>('get_learning_state');
      expect(state.found).toMatchObject({ course: null, could_begin: [{ id: COURSE }] });
      const answers = { annotation: 'nothing' };
      const graded = await learner.call<{ passed: boolean }>('submit_quiz', { quiz_id: quizId, answers: {} });
      expect([graded.isError, graded.found.passed]).toEqual([false, false]);
      expect((await learner.call('submit_quiz', { quiz_id: quizId, answers })).text).toContain('answers.annotation');
      const completed = await learner.call('complete_chapter', { course_id: COURSE, chapter_id: chapter.id });
      expect(completed.text).toContain('1 of 10');
      const after = await learner.call('get_learning_state');
      expect(after.found).toMatchObject({
        streak_days: 1,
        course: { course_id: COURSE, completed_chapters: 1 },
        next_chapter: { id: outline.chapters[1].id },
      });

      const mentor = { course_id: COURSE, question: 'What is a type hint for?' };
      const closed = await learner.call('ask_mentor', mentor);
      expect([closed.isError, closed.challenge]).toEqual([true, undefined]);
      expect(closed.text).toMatch(/plan/);
      await cli(['subscriptions', 'set', 'learner@example.com', 'premium'], settings);
      // What the command line changes holds within a second.
      await delay(1000);
      const opened = await learner.call<{ response: string; turns_left: number }>('ask_mentor', mentor);
      expect(opened.isError).toBe(false);
      expect(opened.found.response.length).toBeGreaterThan(20);
      for (const { text } of [graded, completed, after, opened]) {
        expect(text).not.toMatch(/user_id|attempt_id|_at"|request_id|\$\d/);
      }
    });

    /** An app that the operator has registered. */
    async function registeredApp(): Promise<App> {
      const flags = ['--name', 'ChatGPT', '--redirect-uri', CALLBACK, '--public'];
      const { stdout } = await cli(['oauth', 'clients', 'create', ...flags], settings);
      return new App({ client_id: /client_id: (\S+)/.exec(stdout)?.[1] ?? '', redirect_uris: [CALLBACK] });
    }

    /** The app has a learner open an account and allow what it asks for. */
    async function connectedClient(app: App): Promise<McpClient> {
      const serverUrl = new URL('/mcp', server.url);
      expect(await auth(app, { serverUrl, scope: ALL })).toBe('REDIRECT');
      const browser = new Browser(server.url);
      const signIn = await browser.open(app.sentTo ?? '');
      const form = await browser.open(`${signIn.url.pathname}/register`);
      const account = {
        email: 'learner@example.com',
        username: 'learner',
        password: 'a password of tests',
        timezone: 'UTC',
      };
      const consent = await browser.submit(form, 'register', account);
      expect(consent.html).toContain('Let ChatGPT act for you?');
      const back = (await browser.submit(consent, 'consent')).url;
      const options = { authProvider: app };
      await new StreamableHTTPClientTransport(serverUrl, options).finishAuth(back.searchParams);
      return McpClient.connect(server.url, revision, `Bearer ${app.tokens()?.access_token}`);
    }
  },
);
