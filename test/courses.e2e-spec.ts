import { codeOf, fieldsOf } from './answers.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({ id: 'zebra', title: 'Zebra crossing', chapters: 2 });
    await test.make.course({ id: 'arbol', title: 'Árbol', chapters: 5, quizzes: [{}, {}] });
    await test.make.course({ id: 'banana', title: 'banana bread' });
    await test.make.course({ id: 'secret', title: 'Not yet', published: false });
  });
  afterAll(() => test.stop());

  const ids = (body: string) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id);

  it('lists the published courses by title, whatever its case and accents', async () => {
    const answer = await test.get('courses');
    expect(answer.statusCode).toBe(200);
    expect(ids(answer.body)).toEqual(['arbol', 'banana', 'zebra']);
    expect(answer.headers['x-total-count']).toBe('3');
  });

  it('lists them by age and backwards when asked to', async () => {
    expect(ids((await test.get('courses?sort=created_at')).body)).toEqual(['zebra', 'arbol', 'banana']);
    expect(ids((await test.get('courses?sort=created_at&order=desc')).body)).toEqual(['banana', 'arbol', 'zebra']);
    expect(ids((await test.get('courses?order=desc')).body)).toEqual(['zebra', 'banana', 'arbol']);
  });

  it('gives a page and links to the others', async () => {
    const answer = await test.get('courses?limit=1&offset=1&sort=title');
    expect(ids(answer.body)).toEqual(['banana']);
    const link = (rel: string, offset: number) => `</api/v1/courses?limit=1&offset=${offset}&sort=title>; rel="${rel}"`;
    expect(answer.headers.link).toBe([link('first', 0), link('prev', 0), link('next', 2), link('last', 2)].join(', '));
  });

  it('gives an empty page past the end', async () => {
    const answer = await test.get('courses?offset=100000');
    expect(answer.json()).toEqual([]);
    expect(answer.headers['x-total-count']).toBe('3');
    expect(answer.headers.link).not.toContain('rel="next"');
  });

  it('gives a course in the shape of the contract', async () => {
    const answer = await test.get('courses/arbol');
    expect(answer.json()).toEqual({
      id: 'arbol',
      title: 'Árbol',
      description: 'A course made for a test.',
      prerequisites: ['Curiosity'],
      language: 'en',
      license: null,
      source: null,
      estimated_hours: null,
      chapter_count: 5,
      quiz_count: 2,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      updated_at: expect.stringMatching(/Z$/) as string,
    });
  });

  it.each([
    'courses/nowhere',
    'courses/nowhere/chapters',
    'courses/secret',
    'courses/secret/chapters',
    'courses/__proto__x',
  ])('knows no course at %s', async (path) => {
    const answer = await test.get(path);
    expect(codeOf(answer)).toEqual(path.includes('__proto__') ? [422, 'VALIDATION_ERROR'] : [404, 'COURSE_NOT_FOUND']);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=%2B1', 'limit'],
    ['limit=99999999999', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=100001', 'offset'],
    ['sort=price', 'sort'],
    ['order=up', 'order'],
    ['page=2', 'page'],
    ['limit=1&limit=2', 'limit'],
    ['sort=ti%00tle', 'sort'],
    ['constructor=1', 'constructor'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const answer = await test.get(`courses?${query}`);
    expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('refuses a query where none is read', async () => {
    const answer = await test.get('courses/arbol?verbose=1');
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: object[] }>().errors).toEqual([{ field: 'verbose', message: 'is not known here' }]);
  });
});
