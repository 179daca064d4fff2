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
  expect(asked('scope=learn:read&prompt=none')).toEqual({ scope: 'learn:read', prompt: 'none' });
  expect(askedUrl('/oauth/authorize?scope=learn%3Aread&prompt=login&prompt=none')).toBe(
    '/oauth/authorize?scope=learn%3Aread&prompt=login&prompt=none',
  );
});

it.each(['', '%20', 'openid', 'offline_access', 'nonsense'])(
  'asks for all scopes where "%s" opens nothing',
  (scope) => {
    expect(asked(`scope=${scope}`).scope).toBe('learn:read learn:write offline_access');
  },
);

it('leaves scopes out that there are not', () => {
  expect(asked('scope=openid%20learn:write%20__proto__').scope).toBe('learn:write');
});

it.each(['form_post', 'fragment', ''])('refuses the response mode "%s", whose page would need a script', (mode) => {
  expect(() => askedUrl(`/oauth/authorize?response_mode=${mode}`)).toThrow('another form');
});
