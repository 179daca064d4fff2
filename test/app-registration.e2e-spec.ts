import type { Response } from 'light-my-request';
import { TestApp } from './test-app.js';

const CHATGPT = 'https://chatgpt.com/connector/oauth/abc';
const SETTINGS = { PUBLIC_URL: 'https://learn.example.org', OAUTH_CIMD_HOSTS: 'chatgpt.com,apps.example.org' };

afterEach(() => jest.restoreAllMocks());

class Dispatcher {
  on = () => this;
}

const errorOf = ({ statusCode, body }: Response) => [statusCode, (JSON.parse(body) as { error: string }).error];

describe('an app that registers itself', () => {
  const register = (test: TestApp, metadata: unknown) =>
    test.send({ method: 'POST', url: '/oauth/register', payload: metadata as object });

  it('finds no place to where that is not allowed, which it is told beforehand', async () => {
    const test = await TestApp.start('sqlite', { settings: SETTINGS });
    expect((await register(test, { redirect_uris: [CHATGPT] })).statusCode).toBe(404);
    const metadata = (await test.get('/.well-known/oauth-authorization-server')).json<object>();
    expect(metadata).not.toHaveProperty('registration_endpoint');
    await test.stop();
  });

  it('is known from then on, sends learners to ChatGPT alone, and cannot register endlessly', async () => {
    const settings = { ...SETTINGS, OAUTH_DYNAMIC_REGISTRATION: 'true', RATE_LIMIT_OAUTH_REGISTER: '15/hour' };
    const test = await TestApp.start('sqlite', { settings });
    const metadata = { client_name: 'ChatGPT', redirect_uris: [CHATGPT], token_endpoint_auth_method: 'none' };
    const registered = await register(test, metadata);
    expect(registered.statusCode).toBe(201);
    expect(registered.json()).toMatchObject({ ...metadata, grant_types: ['authorization_code', 'refresh_token'] });
    expect(registered.json()).not.toHaveProperty('client_secret');
    const secret = await register(test, { redirect_uris: [CHATGPT] });
    expect(secret.json()).toMatchObject({ client_secret: expect.any(String) as string, client_secret_expires_at: 0 });

    for (const uri of [
      'https://example.org/callback',
      'http://127.0.0.1/callback',
      'javascript:alert(1)',
      `${CHATGPT}#x`,
    ]) {
      const [status, error] = errorOf(await register(test, { ...metadata, redirect_uris: [CHATGPT, uri] }));
      expect([uri, status, error]).toEqual([
        uri,
        400,
        expect.stringMatching(/^invalid_(redirect_uri|client_metadata)$/),
      ]);
    }
    for (const client_name of ['a\0b', '   ', 'x'.repeat(101), 'a\u202eb', 'a\u001bb', 'a\ud800b', 7]) {
      const refused = await register(test, { ...metadata, client_name });
      expect([client_name, ...errorOf(refused)]).toEqual([client_name, 400, 'invalid_client_metadata']);
    }
    expect(errorOf(await register(test, [1]))).toEqual([400, 'invalid_request']);
    expect(errorOf(await register(test, { redirect_uris: 'x' }))[0]).toBe(400);
    expect((await register(test, metadata)).statusCode).toBe(429);

    const { client_id } = registered.json<{ client_id: string }>();
    const query = new URLSearchParams({ client_id, response_type: 'code', redirect_uri: CHATGPT, state: 's' });
    query.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    query.set('code_challenge_method', 'S256');
    const answer = await test.get(`/oauth/authorize?${query.toString()}`);
    expect(answer.headers.location).toMatch(/^\/oauth\/interaction\//);
    const cookies = [answer.headers['set-cookie']].flat().map(String);
    expect(new Set(cookies).size).toBe(cookies.length);
    for (const cookie of cookies) expect(cookie).toMatch(/; samesite=lax; secure; httponly/);
    await test.stop();
  });
});

describe('an app that a document describes', () => {
  const URL_OF_DOCUMENT = 'https://chatgpt.com/oauth/client.json';
  let test: TestApp;
  beforeAll(async () => {
    // Jest's globals have no dispatcher, with which the library refuses addresses that are not public.
    Object.assign(globalThis, { [Symbol.for('undici.globalDispatcher.1')]: new Dispatcher() });
    test = await TestApp.start('sqlite', { settings: SETTINGS });
  });
  afterAll(() => test.stop());

  /** What the web answers; nothing else of it is reached. */
  const onTheWeb = (documents: Record<string, object>) =>
    jest.spyOn(globalThis, 'fetch').mockImplementation((url) => {
      const document = documents[url as string];
      return Promise.resolve(document ? Response.json(document) : new Response('', { status: 404 }));
    });

  const authorize = (client_id: string, redirect_uri = CHATGPT) => {
    const query = new URLSearchParams({ client_id, response_type: 'code', redirect_uri, state: 's' });
    query.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    query.set('code_challenge_method', 'S256');
    return test.get(`/oauth/authorize?${query.toString()}`);
  };
  const document = (more: object = {}) => ({
    client_id: URL_OF_DOCUMENT,
    client_name: 'ChatGPT',
    redirect_uris: [CHATGPT],
    token_endpoint_auth_method: 'none',
    ...more,
  });

  it('is announced, and led to the sign-in', async () => {
    const metadata = (await test.get('/.well-known/oauth-authorization-server')).json<object>();
    expect(metadata).toMatchObject({ client_id_metadata_document_supported: true });
    const web = onTheWeb({ [URL_OF_DOCUMENT]: document() });
    const answer = await authorize(URL_OF_DOCUMENT);
    expect(answer.headers.location).toMatch(/^\/oauth\/interaction\//);
    expect(web).toHaveBeenCalledTimes(1);
    expect(web.mock.calls[0][1]).toMatchObject({ redirect: 'manual' });
  });

  it('row 40: is looked for on no host but those that the operator allows', async () => {
    const web = onTheWeb({});
    for (const url of [
      'https://example.org/client.json',
      'https://chatgpt.com.example.org/client.json',
      'https://chatgpt.com@example.org/client.json',
      'https://chatgpt.com:8443/client.json',
      'https://127.0.0.1/client.json',
      'https://[::1]/client.json',
      'http://chatgpt.com/client.json',
      'file:///etc/passwd',
    ]) {
      expect([url, (await authorize(url)).statusCode]).toEqual([url, 400]);
    }
    expect(web).not.toHaveBeenCalled();
  });

  it.each<[string, object]>([
    ['says that it is somebody else', { client_id: 'https://chatgpt.com/other.json' }],
    ['has a secret', { client_secret: 'x', token_endpoint_auth_method: 'client_secret_post' }],
    ['sends learners elsewhere', { redirect_uris: ['https://example.org/callback'] }],
    ['sends learners to ChatGPT and elsewhere', { redirect_uris: [CHATGPT, 'https://example.org/callback'] }],
    ['is too long', { padding: 'x'.repeat(6000) }],
    ['is no description', { redirect_uris: 7 }],
    ['has a name that cannot be shown', { client_name: 'a\0b' }],
  ])('is refused where the document %s', async (name, more) => {
    const url = `https://apps.example.org/${name.replaceAll(' ', '-')}.json`;
    onTheWeb({ [url]: document({ client_id: url, ...more }) });
    expect((await authorize(url)).statusCode).toBe(400);
  });

  it('row 40: brings no keys from another host', async () => {
    const url = 'https://apps.example.org/keys.json';
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://example.org/keys' };
    const web = onTheWeb({ [url]: document({ client_id: url, ...keys }) });
    const assertion = ['{"alg":"ES256"}', `{"sub":"${url}","iss":"${url}"}`, 'x']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const answer = await test.send({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: 'x',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }).toString(),
    });
    expect([400, 401]).toContain(answer.statusCode);
    expect(web.mock.calls.map(([asked]) => asked)).toEqual([url]);
  });
});
