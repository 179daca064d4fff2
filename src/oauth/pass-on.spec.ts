import { askedUrl } from './pass-on.js';

const asked = (query: string) =>
  Object.fromEntries(new URL(`http://x${askedUrl(`/oauth/authorize?${query}`)}`).searchParams);

it('asks for all scopes where none is named, and always asks the learner', () => {
  expect(asked('client_id=a&state=b%26c')).toEqual({
    client_id: 'a',
    state: 'b&c',
    scope: 'learn:read learn:write offline_access',
    prompt: 'consent',
  });
  expect(asked('scope=learn:read&prompt=login')).toEqual({ scope: 'learn:read', prompt: 'login consent' });
});

it('leaves a request that may not ask, and one that says it twice, as they are', () => {
  expect(asked('scope=a&prompt=none')).toEqual({ scope: 'a', prompt: 'none' });
  expect(askedUrl('/oauth/authorize?scope=a&prompt=login&prompt=none')).toBe(
    '/oauth/authorize?scope=a&prompt=login&prompt=none',
  );
});
