import fc from 'fast-check';

/** Stands for a number in JSON that no double holds. */
const TOO_LARGE = '~1e400~';

/** Text that has broken other people's servers. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udfff', '\u2028', '\r\nX-Injected: 1', '\ufeff', '\u202e', 'é', 'ﬁ', 'İ'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'true', '-0', '1e400'],
    ...[
      "' OR 1=1 --",
      '"',
      '\\',
      '*',
      '%',
      '%00',
      '%ff',
      '../../etc/passwd',
      '<script>',
      '${7*7}',
      '{{7*7}}',
      '"a" AND (b',
    ],
    ...['99999999999999999999', '-1', '0x10', '1.5', '2026-02-30', '9999-99', '00000000-0000-0000-0000-000000000000'],
    ...['ME', 'Me', 'me.', ' me', 'nobody', '.', '..', '-', '👩‍👩‍👧‍👦', TOO_LARGE],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.integer({ min: 30, max: 9000 }).map((length) => 'x'.repeat(length)),
);

const deep = fc.integer({ min: 20, max: 60 }).map((depth) => {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { deeper: value };
  return value;
});

/** Whatever JSON can hold, and rather what nobody expects there. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, false, 0, -1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 31, 1e-320, [], {}, [[]], [null]),
  deep,
  fc.jsonValue(),
);

/** The text of a body; what stands for a number too large is one in it. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${TOO_LARGE}"`, '1e400');
}

/** Bodies that are no JSON, or JSON that is meant to harm. */
export const hostilePayload: fc.Arbitrary<string | Buffer> = fc.oneof(
  fc.constantFrom<string | Buffer>(
    ...['', ' ', '{', '{]', 'null', 'true', '0', '"text"', '[]', '[{}]', '{}', '{"a":1e400}', '{"a":01}', '{,}'],
    ...[
      '{"__proto__":{"role":"admin"}}',
      '{"constructor":{"prototype":{"a":1}}}',
      '{"a":1,"a":2}',
      "{'a':1}",
      '\ufeff{}',
    ],
    ...['{"user_id":"~other~"}', '{"user_id":null}', '{"user_id":["~own~"]}', '{"user_id":{"$ne":null}}', 'a=1&b=2'],
    ...['\0', '{"a":"\0"}', '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"\\ud800":1}', '{"a":"\\x"}', '<a/>'],
    ...['['.repeat(20_000), `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, `{"a":"${'x'.repeat(300_000)}"}`],
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from('{"a":1}', 'utf16le'),
  ),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  fc.json(),
);

export const CONTENT_TYPES = [
  ...['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json; charset=latin1'],
  ...['text/plain', 'text/html', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
  ...[
    'application/merge-patch+json',
    'application/xml',
    'application',
    '',
    ';',
    'a/b/c',
    'application/json, text/plain',
  ],
];

/** What clients, proxies and attackers send beside a request; none of it may break an answer. */
export const oddHeaders: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    'if-none-match': fc.constantFrom('*', '"x"', 'W/"x"', '"', 'x, "y"', '""'),
    'accept-encoding': fc.constantFrom('br', 'gzip', 'gzip, br;q=0.5', 'identity;q=0', '*;q=0', 'gzip;q=x', '', 'zstd'),
    accept: fc.constantFrom('text/html', 'application/xml', 'application/openmetrics-text', '*/*;q=0', 'x'),
    range: fc.constantFrom('bytes=0-10', 'bytes=-1', 'bytes=9-1', 'items=0-1'),
    origin: fc.constantFrom('https://elsewhere.example', 'null', 'x', ''),
    traceparent: fc.constantFrom('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0', 'ff', ''),
    'x-request-id': fc.oneof(fc.constantFrom('well-formed-1', 'short', 'a'.repeat(65)), hostileText.map(asHeader)),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', '::1', 'x', '1.2.3.4, 5.6.7.8', ''),
    'x-http-method-override': fc.constantFrom('DELETE', 'PUT'),
    'content-encoding': fc.constantFrom('gzip', 'br', 'x'),
    cookie: hostileText.map(asHeader),
    'user-agent': hostileText.map(asHeader),
  },
  { requiredKeys: [] },
);

/** Only what a client can put into a header. */
function asHeader(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4000);
}

/** Credentials that are none. */
export const FORGED = [
  ...['', 'Bearer', 'Bearer ', 'bearer x', 'Basic YWRtaW46YWRtaW4=', 'Digest x', 'Bearer a.b.c', 'Bearer ..', 'x'],
  ...[
    'Bearer ~token~x',
    '~token~',
    'Bearer ~token~ ~token~',
    'Bearer null',
    `Bearer ${'a'.repeat(5000)}`,
    'Bearer \xff',
  ],
  `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"1"}').toString('base64url')}.`,
];
