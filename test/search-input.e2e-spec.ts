import { HOSTILE_QUERIES } from '../drill/hostile-queries.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import { codeOf, fieldsOf } from './answers.js';
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
    [`?q=${'x%EF%B8%8F'.repeat(101)}`, 'q'],
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

  it.each(HOSTILE_QUERIES)('row 35: answers %j without harm', async (query) => {
    const answer = await test.get(searchPath(query));
    expect(answer.statusCode).toBe(200);
    expect(answer.json<SearchResponse>().query).toBe(query);
  });

  it('row 35: refuses a megabyte before it is read', async () => {
    expect(codeOf(await test.get(searchPath('a'.repeat(1_000_000))))).toEqual([414, 'URI_TOO_LONG']);
  });
});
