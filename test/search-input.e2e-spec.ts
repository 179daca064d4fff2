import type { SearchResponse } from '../src/search/search.dto.js';
import { fieldsOf } from './answers.js';
import { searchPath } from './searches.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({ chapters: [{ content: 'A text of and or not, title x, C++ and more.\n' }] });
  });
  afterAll(() => test.stop());

  it.each([
    ['', 'q'],
    ['?q=', 'q'],
    [`?q=${'x'.repeat(201)}`, 'q'],
    ['?q=a&limit=0', 'limit'],
    ['?q=a&limit=51', 'limit'],
    ['?q=a&offset=1001', 'offset'],
    ['?q=a&sort=title', 'sort'],
    ['?q=a%00b', 'q'],
    ['?q=a&q=b', 'q'],
  ])('row 35: refuses search%s', async (query, field) => {
    const answer = await test.get(`search${query}`);
    expect(answer.statusCode).toBe(422);
    expect(fieldsOf(answer)[0]).toBe(field);
  });

  it.each([
    '"',
    '*',
    'a*',
    'AND',
    'OR NOT',
    'NEAR(a b)',
    'a-b',
    'a AND (b',
    ':',
    '(',
    '{title}: x',
    '^a',
    'a + b',
    '%',
    '_',
    "' OR 1=1 --",
    '"; DROP TABLE courses',
    '\\',
    "'",
    '&|!()<->',
    ' ',
    '-',
    '--',
    '-"',
    '""',
    '"" -""',
    'é'.repeat(200),
    '🦀'.repeat(100),
    'a '.repeat(100),
    '(((((((((',
    '"a b c d e f g h i j k l m n o p"',
    '\u202e\u200b',
    'ﷺ',
    '⑴ ½ ㎏',
    '\t\n',
    'title:x',
    'İ ı ß',
    `${'"a" '.repeat(50)}`,
    `-${'a -'.repeat(60)}`,
    "'static 'a",
    '$1 ?1 :a @b',
    'NULL',
    '__proto__',
    '\u0301\u0301',
  ])('row 35: answers %j without harm', async (query) => {
    const answer = await test.get(searchPath(query.slice(0, 200)));
    expect(answer.statusCode).toBe(200);
    expect(answer.json<SearchResponse>().query).toBe(query.slice(0, 200));
  });
});
