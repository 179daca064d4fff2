import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SectionDto, SectionSummaryDto } from '../src/chapters/sections.dto.js';
import { readPackage } from '../src/content/read-package.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import { codeOf } from './answers.js';
import { coursePackage } from './make.js';
import { judgedQueries } from './relevance.js';
import { HAS_SHARED_COURSES, SHARED_COURSES } from './shared-courses.js';
import { type Client, onEachDatabase, TestApp } from './test-app.js';

const itWithShared = HAS_SHARED_COURSES ? it : it.skip;

const INTRODUCTION = 'Before \u{1F40D} all.\n\n';
const OWNERSHIP = '## `Ownership`, and *why*\n\n```sh\n# no heading\n```\n\n';
const BORROWING = 'Borrowing\n---------\n\n> ## quoted\n';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({
      id: 'c',
      chapters: [
        { content: INTRODUCTION + OWNERSHIP + BORROWING },
        { isPremium: true, content: '# Members\n\nOnly for members.\n' },
        { content: '\n' },
      ],
    });
    await test.make.course({ id: 'hidden', published: false });
  });
  afterAll(() => test.stop());

  const list = async (chapter: string, client: Client = test.anonymous) =>
    (await client.get(`chapters/${chapter}/sections`)).json<SectionSummaryDto[]>();

  /** Reads a chapter section by section, as an app does. */
  async function readThrough(chapter: string, client: Client = test.anonymous): Promise<SectionDto[]> {
    const read: SectionDto[] = [];
    for (let id: string | null = 'first'; id !== null; id = read[read.length - 1].next_section_id) {
      read.push((await client.get(`chapters/${chapter}/sections/${id}`)).json<SectionDto>());
    }
    return read;
  }

  it('lists the sections of a chapter in order', async () => {
    expect(await list('c-1')).toEqual([
      { id: 'introduction', title: 'Chapter 1', level: 0, characters: INTRODUCTION.length },
      { id: 'ownership-and-why', title: 'Ownership, and why', level: 2, characters: OWNERSHIP.length },
      { id: 'borrowing', title: 'Borrowing', level: 2, characters: BORROWING.length },
    ]);
  });

  it('gives a section in the shape of the contract, its text to the byte', async () => {
    expect((await test.get('chapters/c-1/sections/ownership-and-why')).json()).toEqual({
      chapter_id: 'c-1',
      id: 'ownership-and-why',
      title: 'Ownership, and why',
      content: OWNERSHIP,
      next_section_id: 'borrowing',
    });
    expect((await test.get('chapters/c-1/sections/borrowing')).json()).toMatchObject({ next_section_id: null });
  });

  it('begins a chapter at its first section, by whatever name it is asked for', async () => {
    const first = await test.get('chapters/c-1/sections/first');
    expect(first.json()).toMatchObject({ id: 'introduction', content: INTRODUCTION });
    expect((await test.get('chapters/c-1/sections/introduction')).json()).toEqual(first.json());
    expect((await test.get('chapters/c-3/sections/first')).json()).toMatchObject({
      content: '\n',
      next_section_id: null,
    });
  });

  it.each([
    ['chapters/c-1/sections/elsewhere', 'SECTION_NOT_FOUND'],
    ['chapters/c-1/sections/Borrowing', 'SECTION_NOT_FOUND'],
    ['chapters/nowhere/sections', 'CHAPTER_NOT_FOUND'],
    ['chapters/nowhere/sections/first', 'CHAPTER_NOT_FOUND'],
    ['chapters/hidden-1/sections', 'CHAPTER_NOT_FOUND'],
    ['chapters/hidden-1/sections/first', 'CHAPTER_NOT_FOUND'],
  ])('answers %s with 404 %s', async (path, expected) => {
    expect(codeOf(await test.get(path))).toEqual([404, expected]);
  });

  it('refuses what is no id', async () => {
    expect((await test.get('chapters/c-1/sections/-x')).statusCode).toBe(422);
  });

  it('row 41: opens the sections of a premium chapter to those whose plan opens it, and lets no cache keep them', async () => {
    const [free, premium] = [test.as(await test.make.learner()), test.as(await test.make.subscriber())];
    for (const path of ['chapters/c-2/sections', 'chapters/c-2/sections/first', 'chapters/c-2/sections/elsewhere']) {
      for (const [client, status, expected] of [
        [test.anonymous, 401, 'USER_NOT_AUTHENTICATED'],
        [free, 403, 'SUBSCRIPTION_REQUIRED'],
      ] as const) {
        const answer = await client.get(path);
        expect(codeOf(answer)).toEqual([status, expected]);
        expect(answer.headers['cache-control']).toBe('private, no-store');
        expect(answer.body).not.toMatch(/members/i);
      }
      expect((await premium.get(path)).headers['cache-control']).toBe('private, no-store');
    }
    expect(await list('c-2', premium)).toMatchObject([{ id: 'members', level: 1 }]);
    expect(await readThrough('c-2', premium)).toMatchObject([{ content: '# Members\n\nOnly for members.\n' }]);
  });

  it('lets caches keep the sections of a free chapter, and answers that they have not changed', async () => {
    const learner = test.as(await test.make.learner());
    for (const path of ['chapters/c-1/sections', 'chapters/c-1/sections/first']) {
      const { headers } = await test.get(path);
      expect(headers['cache-control']).toMatch(/^public, max-age=60/);
      expect((await learner.get(path)).headers['cache-control']).toBe('private, max-age=60');
      const again = await test.get(path, { 'if-none-match': String(headers.etag) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
  });

  it('tells of the same limit as the chapter itself', async () => {
    const limits = await Promise.all(
      ['chapters/c-1', 'chapters/c-1/sections', 'chapters/c-1/sections/first'].map(async (path) => {
        const { headers } = await test.get(path);
        return Number(headers['x-ratelimit-remaining']);
      }),
    );
    expect(new Set(limits).size).toBe(3);
    expect(Math.max(...limits) - Math.min(...limits)).toBe(2);
  });

  it('keeps the other ids of a chapter that gets another section, and tells its new text at once', async () => {
    const before = coursePackage({ id: 'grows', chapters: [{ content: '# One\n\n# Two\n' }] });
    await test.make.import(before);
    expect((await list('grows-1')).map(({ id }) => id)).toEqual(['one', 'two']);
    await test.make.import(coursePackage({ id: 'grows', chapters: [{ content: '# Half\n\n# One\n\n# Two!\n' }] }));
    expect((await list('grows-1')).map(({ id }) => id)).toEqual(['half', 'one', 'two']);
    expect((await test.get('chapters/grows-1/sections/two')).json()).toMatchObject({ content: '# Two!\n' });
  });

  it('reads a retired chapter in sections too', async () => {
    const before = coursePackage({ id: 'kept', chapters: 2 });
    await test.make.import(before);
    await test.make.completion(await test.make.learner(), 'kept-2', 'kept');
    await test.make.import({ ...before, chapters: [before.chapters[0]] });
    expect(await readThrough('kept-2')).toMatchObject([{ id: 'introduction', content: 'The text of chapter 2.\n' }]);
  });

  describe('named by a search', () => {
    const LONG = Array.from({ length: 3000 }, (_line, index) => `let **x${index}** = ${index};\n`).join('');
    beforeAll(() =>
      test.make.course({
        id: 'zoo',
        title: 'Okapis',
        chapters: [
          { title: 'Antelopes', content: 'Hello.\n\n# Big\n\nThe eland.\n\n# Small\n\nThe dikdik of the eland.\n' },
          { content: `# Code\n\n\`\`\`rust\n${LONG}\`\`\`\n\n# Last\n\nThe gnu.\n` },
          { isPremium: true, title: 'Kudus', content: '# Members\n\nThe nyala.\n' },
        ],
      }),
    );
    const hits = async (q: string, client: Client = test.anonymous) =>
      (await client.get(`search?q=${encodeURIComponent(q)}`)).json<SearchResponse>().results;

    it.each([
      ['eland', 'big'],
      ['dikdik eland', 'small'],
      ['antelopes', 'introduction'],
      ['gnu', 'last'],
      ['x1234', 'code-part-3'],
      ['x2999', 'code-part-5'],
    ])('is that of the passage: %s', async (q, id) => {
      const [hit] = await hits(q);
      expect(hit).toMatchObject({ type: 'chapter', section_id: id });
      const section = await test.get(`chapters/${hit.id}/sections/${id}`);
      expect(section.statusCode).toBe(200);
      if (id !== 'introduction')
        expect(section.json<SectionDto>().content).toMatch(new RegExp(`\\b${q.split(' ')[0]}\\b`));
    });

    it('is none of a course or of a locked chapter', async () => {
      expect(await hits('okapis')).toMatchObject([{ type: 'course', section_id: null }]);
      expect(await hits('kudus')).toMatchObject([{ locked: true, section_id: null }]);
      const premium = test.as(await test.make.subscriber());
      expect(await hits('nyala', premium)).toMatchObject([{ locked: false, section_id: 'members' }]);
    });
  });

  itWithShared('the sections of every chapter in ../shared are the chapter, each short enough', async () => {
    for (const name of readdirSync(SHARED_COURSES)) {
      const { package: course } = await readPackage(join(SHARED_COURSES, name));
      if (!course) throw new Error(`${name} cannot be read`);
      await test.make.import(course);
      const premium = test.as(await test.make.subscriber());
      for (const { id, content } of course.chapters) {
        const sections = await readThrough(id, premium);
        expect(sections.map((section) => section.content).join('')).toBe(content);
        expect(Math.max(...sections.map((section) => section.content.length))).toBeLessThan(20_000);
        expect(await list(id, premium)).toMatchObject(sections.map(({ id, title }) => ({ id, title })));
      }
    }
  });

  itWithShared('over the courses in ../shared a search names sections that hold what it found', async () => {
    let quoted = 0;
    for (const { query } of judgedQueries()) {
      const answer = await test.get(`search/chapters?q=${encodeURIComponent(query)}`);
      for (const { id, excerpt, section_id } of answer.json<SearchResponse>().results) {
        const section = (await test.get(`chapters/${id}/sections/${section_id}`)).json<SectionDto>();
        const words = Array.from(excerpt?.matchAll(/\*\*(.+?)\*\*/g) ?? [], ([, word]) => word);
        const isThere = words.length === 0 || words.some((word) => section.content.includes(word));
        expect({ query, id, section_id, excerpt, isThere }).toMatchObject({ isThere: true });
        quoted += words.length;
      }
    }
    expect(quoted).toBeGreaterThan(1000);
  });
});
