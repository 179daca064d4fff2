import type * as openid from 'openid-client';
import { OAuthClients } from '../src/oauth/oauth-clients.js';
import type { User } from '../src/users/user.entity.js';
import { UsersService } from '../src/users/users.service.js';
import { codeOf } from './answers.js';
import { CALLBACK, World } from './authorization.js';
import type { Shown } from './browser.js';
import { PASSWORD } from './make.js';
import { onEachDatabase } from './test-app.js';

onEachDatabase((kind) => {
  let world: World;
  let learner: User;
  let client: openid.Configuration;
  beforeAll(async () => {
    world = await World.start(kind, { settings: { TRUSTED_PROXIES: '127.0.0.1' } });
    learner = await world.test.make.learner();
    client = await world.client();
  });
  afterAll(() => world.stop());

  const alertOf = ({ html }: Shown) => /role="alert">([^<]*)</.exec(html)?.[1];
  const begin = async () => {
    const browser = world.browser();
    return { browser, page: await browser.open(world.authorizationUrl(client)) };
  };

  it('say which app asks for what, whatever the app calls itself', async () => {
    const { browser, page } = await begin();
    expect(page.html).toContain('to connect <strong>Tutor &#60;b&#62;&#38;</strong>');
    const consent = await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD });
    expect(consent.html).toContain(`signed in as <strong>${learner.username}</strong>`);
    expect(consent.html).toContain('You go back to 127.0.0.1:9');
    expect(consent.html).not.toContain('<b>&');
  });

  it('load nothing from elsewhere, run no script, cannot be framed, kept or sent elsewhere', async () => {
    const { page } = await begin();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:9;");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.html).not.toMatch(/<script|https?:\/\/|style="/);
  });

  it('answer an unknown account and a wrong password alike, and keep what was typed but for the password', async () => {
    const answers = await Promise.all(
      [learner.email, 'nobody@example.com'].map(async (login) => {
        const { browser, page } = await begin();
        const answer = await browser.submit(page, 'sign-in', { login, password: 'a wrong password' });
        expect(answer.html).toContain(`value="${login}"`);
        expect(answer.html).not.toContain('a wrong password');
        return [answer.status, alertOf(answer), answer.html.length - login.length];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0].slice(0, 2)).toEqual([401, 'The login or the password is wrong.']);
  });

  it('tell a disabled learner so, but only with the right password', async () => {
    const user = await world.test.make.learner();
    await world.test.app.get(UsersService).update(user.id, { isActive: false });
    const { browser, page } = await begin();
    const wrong = await browser.submit(page, 'sign-in', { login: user.email, password: 'wrong' });
    expect(alertOf(wrong)).toBe('The login or the password is wrong.');
    const right = await browser.submit(wrong, 'sign-in', { login: user.email, password: PASSWORD });
    expect([right.status, alertOf(right)]).toEqual([403, 'This account is disabled.']);
  });

  it('open an account by the rules of the API, with every mistake at its field', async () => {
    const { browser, page } = await begin();
    const form = await browser.open(`${page.url.pathname}/register`);
    const wrong = await browser.submit(form, 'register', {
      email: 'x',
      username: 'a b',
      password: 'short',
      timezone: 'UTC',
    });
    expect(wrong.status).toBe(422);
    for (const name of ['email', 'username', 'password']) {
      expect(wrong.html).toMatch(new RegExp(`class="error" id="${name}-note">[^<]+<`));
      expect(wrong.html).toMatch(new RegExp(`id="${name}"[^>]*aria-describedby="${name}-note"`));
      expect(wrong.html).toMatch(new RegExp(`id="${name}"[^>]*aria-invalid="true"`));
    }
    const account = { email: 'new@example.com', username: `new-${kind}`, timezone: 'Asia/Tokyo' };
    const taken = await browser.submit(wrong, 'register', { ...account, email: learner.email, password: PASSWORD });
    expect([taken.status, alertOf(taken)]).toEqual([409, 'This email has an account already.']);
    const nul = await browser.submit(taken, 'register', { ...account, username: 'a\0b', password: PASSWORD });
    expect(nul.status).toBe(422);
    const consent = await browser.submit(nul, 'register', { ...account, password: PASSWORD });
    expect(consent.html).toContain(`signed in as <strong>new-${kind}</strong>`);
    expect(await world.test.app.get(UsersService).getByEmail(account.email)).toMatchObject({ timezone: 'Asia/Tokyo' });
    expect((await browser.submit(consent, 'consent')).url.href).toMatch(new RegExp(`^${CALLBACK}\\?code=`));
  });

  it('let a browser that is signed in skip the password, and change to another account', async () => {
    const { browser, page } = await begin();
    await browser.submit(
      await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD }),
      'consent',
    );
    const again = await browser.open(world.authorizationUrl(client));
    expect(again.html).toContain(`signed in as <strong>${learner.username}</strong>`);
    const other = await world.test.make.learner();
    const signIn = await browser.submit(again, 'switch');
    expect(signIn.html).toContain('<h1>Sign in</h1>');
    const consent = await browser.submit(signIn, 'sign-in', { login: other.email, password: PASSWORD });
    expect(consent.html).toContain(`signed in as <strong>${other.username}</strong>`);
    const back = (await browser.submit(consent, 'consent')).url;
    const tokens = await world.exchanged(client, back);
    const progress = await world.test.with(tokens.access_token).get(`progress/${other.id}/courses`);
    expect(progress.statusCode).toBe(200);
  });

  it('let another account take the place of the one before where the app asks for a sign-in', async () => {
    const { browser, page } = await begin();
    await browser.submit(
      await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD }),
      'consent',
    );
    const other = await world.test.make.learner();
    const signIn = await browser.open(world.authorizationUrl(client, { prompt: 'login' }));
    const consent = await browser.submit(signIn, 'sign-in', { login: other.email, password: PASSWORD });
    expect(consent.html).toContain(`signed in as <strong>${other.username}</strong>`);
    expect((await browser.submit(consent, 'consent')).url.searchParams.get('code')).not.toBeNull();
  });

  it('let another account take the place of the one that signed in meanwhile in another tab', async () => {
    const { browser, page } = await begin();
    const other = await world.test.make.learner();
    const tab = await browser.open(world.authorizationUrl(client));
    await browser.submit(tab, 'sign-in', { login: other.email, password: PASSWORD });
    const consent = await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD });
    expect(consent.html).toContain(`signed in as <strong>${learner.username}</strong>`);
    expect((await browser.submit(consent, 'consent')).url.searchParams.get('code')).not.toBeNull();
  });

  it('ask for all where an app names no scope that opens anything, and refuse an answer that would need a script', async () => {
    for (const scope of ['', 'openid', 'nonsense']) {
      const page = await world.asked(world.browser(), world.authorizationUrl(client, { scope }), learner);
      expect([scope, page.status, page.html.includes('Act for you')]).toEqual([scope, 200, true]);
    }
    const metadata = await (await fetch(`${world.origin}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ response_modes_supported: ['query'] });
    const posted = await world.browser().open(world.authorizationUrl(client, { response_mode: 'form_post' }));
    expect([posted.status, posted.html.includes('<main>')]).toEqual([400, true]);
  });

  it('know no learner whose password changed while they were asked', async () => {
    const user = await world.test.make.learner();
    const { browser, page } = await begin();
    const consent = await browser.submit(page, 'sign-in', { login: user.email, password: PASSWORD });
    await world.test
      .as(user)
      .post('auth/password', { current_password: PASSWORD, new_password: 'another good password' });
    const answer = await browser.submit(consent, 'consent');
    expect([answer.status, alertOf(answer)]).toEqual([400, expect.stringContaining('This sign-in has ended')]);
  });

  it('take no form that comes from elsewhere or from another browser', async () => {
    const { browser, page } = await begin();
    const consent = await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD });
    const forged = await browser.submit(consent, 'consent', { token: 'a'.repeat(43) });
    expect(forged.status).toBe(400);
    const notAscii = await browser.submit(consent, 'consent', { token: 'é'.repeat(43) });
    expect(notAscii.status).toBe(400);
    const shorter = await browser.submit(consent, 'consent', { token: '' });
    expect(shorter.status).toBe(400);
    const stranger = await world.browser().submit(consent, 'consent');
    expect(stranger.status).toBe(400);
    expect((await browser.submit(consent, 'consent')).url.searchParams.get('code')).not.toBeNull();
  });

  it('cannot be used twice', async () => {
    const { browser, page } = await begin();
    const consent = await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD });
    await browser.submit(consent, 'consent');
    expect((await browser.submit(consent, 'consent')).status).toBe(400);
    expect((await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD })).status).toBe(400);
  });

  it.each(['/oauth/interaction/nonsense', '/oauth/interaction/x/register', '/oauth/authorize/nonsense'])(
    'at %s there is nothing without a sign-in under way',
    async (path) => {
      const page = await world.browser().open(path);
      expect(page.status).toBe(400);
      expect(page.html).toContain('<main>');
    },
  );

  it('count logins as the API does: its own and these together', async () => {
    const limited = await World.start(kind, {
      database: world.test.database,
      settings: { RATE_LIMIT_AUTH_LOGIN: '3/minute', RATE_LIMIT_AUTH_REGISTER: '1/hour' },
    });
    const app = await limited.known(
      (await limited.test.app.get(OAuthClients).create('A', [CALLBACK], false)).clientId,
      () => undefined,
    );
    const browser = limited.browser();
    let page = await browser.open(limited.authorizationUrl(app));
    for (const expected of [401, 401]) {
      page = await browser.submit(page, 'sign-in', { login: 'nobody', password: 'wrong' });
      expect(page.status).toBe(expected);
    }
    expect((await limited.test.anonymous.post('auth/login', { login: 'nobody', password: 'wrong' })).statusCode).toBe(
      401,
    );
    page = await browser.submit(page, 'sign-in', { login: learner.email, password: PASSWORD });
    expect([page.status, alertOf(page)]).toEqual([429, 'There were too many attempts. Try again in a minute.']);
    expect(page.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    await limited.test.app.close();
  });

  it('are no API: other kinds of bodies than theirs are read by nobody else', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await world.test.send({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: form,
      payload: 'login=a',
    });
    expect(answer.statusCode).toBe(415);
    const large = await world.test.send({
      method: 'POST',
      url: '/oauth/token',
      headers: form,
      payload: 'a'.repeat(300_000),
    });
    expect(codeOf(large)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    for (const payload of ['', '%', 'grant_type=%ff', 'grant_type=authorization_code&grant_type=refresh_token', '\0']) {
      const refused = await world.test.send({ method: 'POST', url: '/oauth/token', headers: form, payload });
      expect([payload, refused.statusCode]).toEqual([payload, 400]);
    }
    expect((await world.test.send({ method: 'GET', url: '/oauth/token' })).statusCode).toBe(405);
    expect((await world.test.send({ method: 'HEAD', url: '/oauth/authorize' })).statusCode).toBe(405);
  });
});
