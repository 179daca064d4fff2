import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import { codeOf } from './answers.js';
import { coursePackage } from './make.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({
      id: 'c',
      chapters: [
        { content: '# Héllo\n\n\u{1F40D} <b>raw</b>\n' },
        { isPremium: true, content: 'Only for members.\n' },
        {},
      ],
      quizzes: [
        { id: 'second', chapterId: 'c-1' },
        { id: 'third', chapterId: 'c-3' },
        { id: 'first', chapterId: 'c-1' },
      ],
    });
    await test.make.course({ id: 'long', chapters: 230 });
    await test.make.course({ id: 'hidden', published: false });
  });
  afterAll(() => test.stop());

  const list = async (path: string) => (await test.get(path)).json<ChapterDto[]>();

  it('gives a chapter in the shape of the contract, its text to the byte', async () => {
    const answer = await test.get('chapters/c-1');
    expect(answer.json()).toEqual({
      id: 'c-1',
      course_id: 'c',
      title: 'Chapter 1',
      content: '# Héllo\n\n\u{1F40D} <b>raw</b>\n',
      order: 1,
      next_chapter_id: 'c-2',
      prev_chapter_id: null,
      is_premium: false,
      locked: false,
      estimated_minutes: 1,
      quiz_ids: ['second', 'first'],
      created_at: expect.stringMatching(/Z$/) as string,
      updated_at: expect.stringMatching(/Z$/) as string,
    });
  });

  it('asks the anonymous to sign in for a premium chapter and tells nothing of its text', async () => {
    const answer = await test.get('chapters/c-2');
    expect(codeOf(answer)).toEqual([401, 'USER_NOT_AUTHENTICATED']);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.body).not.toContain('members');
  });

  it('refuses each reader of a premium chapter as who they are, also where all ask at once', async () => {
    const learner = test.as(await test.make.learner());
    for (const path of ['chapters/c-2', 'chapters/c-2/sections']) {
      const asked = [0, 1, 2].flatMap(() => [test.get(path), learner.get(path)]);
      const statuses = (await Promise.all(asked)).map(({ statusCode }) => statusCode);
      expect([path, statuses]).toEqual([path, [401, 403, 401, 403, 401, 403]]);
    }
  });

  it('leads through a course by next and previous, past a locked chapter', async () => {
    const second = (await test.get('chapters/c-1/next')).json<ChapterDto>();
    expect(second).toMatchObject({ id: 'c-2', locked: true, content: null, is_premium: true });
    const third = (await test.get(`chapters/${second.id}/next`)).json<ChapterDto>();
    expect(third).toMatchObject({ id: 'c-3', locked: false, next_chapter_id: null, quiz_ids: ['third'] });
    expect((await test.get('chapters/c-3/previous')).json()).toMatchObject({ id: 'c-2', locked: true, content: null });
  });

  it.each([
    ['chapters/c-3/next', 'NO_NEXT_CHAPTER'],
    ['chapters/c-1/previous', 'NO_PREVIOUS_CHAPTER'],
    ['chapters/nowhere', 'CHAPTER_NOT_FOUND'],
    ['chapters/nowhere/next', 'CHAPTER_NOT_FOUND'],
    ['chapters/hidden-1', 'CHAPTER_NOT_FOUND'],
    ['chapters/hidden-1/next', 'CHAPTER_NOT_FOUND'],
  ])('answers %s with 404 %s', async (path, code) => {
    expect(codeOf(await test.get(path))).toEqual([404, code]);
  });

  it.each(['_x', '-x', 'a b', 'a%2Fb', 'a%00', `${'a'.repeat(129)}`, 'a'.repeat(7000), '%F0%9F%90%8D'])(
    'refuses the id %.20s',
    async (id) => {
      expect((await test.get(`chapters/${id}`)).statusCode).toBe(422);
    },
  );

  it('accepts an id of 128 characters', async () => {
    expect((await test.get(`chapters/${'a'.repeat(128)}`)).statusCode).toBe(404);
  });

  it("lists a course's chapters in order, locked ones without their text", async () => {
    const chapters = await list('courses/c/chapters');
    expect(chapters.map(({ id, order, locked, content }) => [id, order, locked, content === null])).toEqual([
      ['c-1', 1, false, false],
      ['c-2', 2, true, true],
      ['c-3', 3, false, false],
    ]);
  });

  it('lists an outline without any text, a whole course at once', async () => {
    const answer = await test.get('courses/long/chapters?include_content=false');
    const chapters = answer.json<ChapterDto[]>();
    expect(chapters).toHaveLength(230);
    expect(chapters.every(({ content }) => content === null)).toBe(true);
    expect(chapters.at(-1)).toMatchObject({ id: 'long-230', order: 230, prev_chapter_id: 'long-229' });
  });

  it('gives 50 chapters unless told, and up to 200 with their text', async () => {
    expect(await list('courses/long/chapters')).toHaveLength(50);
    expect(await list('courses/long/chapters?limit=200&include_content=true')).toHaveLength(200);
    expect((await test.get('courses/long/chapters?limit=201')).statusCode).toBe(422);
    expect((await test.get('courses/long/chapters?limit=201&include_content=false')).statusCode).toBe(200);
    expect((await test.get('courses/long/chapters?limit=1001&include_content=false')).statusCode).toBe(422);
    expect((await test.get('courses/long/chapters?include_content=yes')).statusCode).toBe(422);
  });

  it('keeps a chapter that a learner completed readable after an import took it away, but in no list', async () => {
    const before = coursePackage({ id: 'kept', chapters: 3, quizzes: [{ chapterId: 'kept-2' }] });
    await test.make.import(before);
    const learner = await test.make.learner();
    await test.make.completion(learner, 'kept-2', 'kept');

    const without = { ...before, chapters: [before.chapters[0], before.chapters[2]], quizzes: [] };
    const plan = await test.make.import(without);
    expect(plan.chapters).toMatchObject({ retire: ['kept-2'], remove: [] });
    expect(plan.quizzes.remove).toEqual(['kept-quiz-1']);

    expect((await test.get('chapters/kept-2')).json()).toMatchObject({
      title: 'Chapter 2',
      next_chapter_id: null,
      prev_chapter_id: null,
      quiz_ids: [],
    });
    expect((await list('courses/kept/chapters')).map(({ id, order }) => [id, order])).toEqual([
      ['kept-1', 1],
      ['kept-3', 2],
    ]);
    expect((await test.get('chapters/kept-1/next')).json<ChapterDto>().id).toBe('kept-3');
    expect((await test.get('courses/kept')).json()).toMatchObject({ chapter_count: 2, quiz_count: 0 });

    await test.make.import(before);
    expect((await test.get('chapters/kept-2')).json()).toMatchObject({ next_chapter_id: 'kept-3', order: 2 });
  });
});
