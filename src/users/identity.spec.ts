import { canonicalEmail, canonicalLogin, USERNAME_PATTERN } from './identity.js';

it.each([
  ['Ada@Example.COM', 'ada@example.com'],
  ['İstanbul@example.com', 'istanbul@example.com'],
  ['ıstanbul@example.com', 'istanbul@example.com'],
  ['ﬁnn@example.com', 'finn@example.com'],
  ['\u212Aelvin@example.com', 'kelvin@example.com'],
  ['ｆｕｌｌ@example.com', 'full@example.com'],
  ['a\u200Bd\u00ADa\uFE0F@example.com', 'ada@example.com'],
  ['\u202Eada@example.com', 'a\u2060d\u115Fa@example.com'],
  ['straße@example.com', 'strasse@example.com'],
  ['σίσυφος@example.com', 'ΣΊΣΥΦΟΣ@example.com'],
  ['é@example.com', 'e\u0301@example.com'],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@EXAMPLE。com', 'ada@example.com'],
])('row 38: %s and %s are one email', (one, other) => {
  expect(canonicalEmail(one)).toBe(canonicalEmail(other));
});

it.each([
  ['ada@example.com', 'ada@example.org'],
  ['ada@example.com', 'adä@example.com'],
  ['a.da@example.com', 'ada@example.com'],
  ['ada+1@example.com', 'ada@example.com'],
])('%s and %s are two emails', (one, other) => {
  expect(canonicalEmail(one)).not.toBe(canonicalEmail(other));
});

it('has no form for what is no email', () => {
  expect(['ada', '@example.com', 'ada@', 'ada@exa mple'].map(canonicalEmail)).toEqual([null, null, null, null]);
});

it('takes what has an "@" for an email, and nothing else', () => {
  expect(canonicalLogin('Ada@Example.com')).toEqual({ email: 'ada@example.com' });
  expect(canonicalLogin('Ada.L')).toEqual({ username: 'ada.l' });
  expect(canonicalLogin('@')).toEqual({ email: '@' });
});

it.each(['\u212Aelvin', 'ﬁnn', 'İvan', '.ada', 'ad', 'a'.repeat(33), 'ada lovelace', 'ada@x'])(
  'row 38: %s is no username',
  (username) => expect(USERNAME_PATTERN.test(username)).toBe(false),
);
