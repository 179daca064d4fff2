import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import { SECTION_LIMIT } from '../src/chapters/section.js';
import type { Passage } from '../src/mcp/passage.js';
import type { QuizDto } from '../src/quizzes/quizzes.dto.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import { eventually } from './eventually.js';
import { INTERNAL, McpClient, REVISIONS } from './mcp-client.js';
import { LONG, SeaCourse } from './sea-course.js';
import { onEachDatabase } from './test-app.js';

type ChapterFound = ChapterDto & Passage;

onEachDatabase((kind) => {
  let sea: SeaCourse;
  beforeAll(async () => {
    sea = await SeaCourse.start(kind);
  });
  afterAll(() => sea.stop());

  describe.each(REVISIONS)('a client of the revision %s', (revision) => {
    const anonymous = () => McpClient.connect(sea.server.url, revision);

    it('reads courses, chapters and quizzes without signing in', async () => {
      const client = await anonymous();
      expect(client.client.getNegotiatedProtocolVersion()).toBe(revision);
      expect((await client.call('list_courses')).found).toMatchObject({
        courses: [{ id: 'sea', chapter_count: 3, quiz_count: 2 }, { id: 'sky' }],
        total: 2,
      });
      const outline = await client.call('get_course_outline', { course_id: 'sea', limit: 2, offset: 1 });
      expect(outline.found).toMatchObject({
        course: { title: 'Harbours' },
        chapters: [
          { id: 'sea-2', order: 2, locked: false },
          { id: 'sea-3', locked: true, quiz_ids: ['sea-essay'] },
        ],
        total: 3,
      });
      expect(outline.text).not.toContain('content');
      const { found: hits } = await client.call<SearchResponse>('search_course', { q: 'lighthouse' });
      expect(hits.results).toMatchObject([
        { type: 'chapter', id: 'sea-1', excerpt: expect.stringContaining('**lighthouse**') as string },
      ]);
      const { found: chapter } = await client.call<ChapterFound>('get_chapter', { chapter_id: 'sea-1' });
      expect(chapter).toMatchObject({
        title: 'Quays',
        order: 1,
        quiz_ids: ['sea-quiz'],
        next_chapter_id: 'sea-2',
        next_section_id: null,
      });
      expect(chapter.content).toContain('A quay is where');
      const quiz = await client.call<QuizDto>('get_quiz', { quiz_id: 'sea-quiz' });
      expect(quiz.found.questions?.map(({ id, type }) => [id, type])).toEqual([
        ['q1', 'true_false'],
        ['q2', 'short_text'],
      ]);
      expect(quiz.text).not.toMatch(/correct|keeper|explanation/);
      for (const { text } of [outline, quiz]) expect(text).not.toMatch(INTERNAL);
    });

    it('reads a long chapter in parts that make up all of it, or from where a search hit is', async () => {
      const client = await anonymous();
      const read = async (section_id: string | null) =>
        (await client.call<ChapterFound>('get_chapter', { chapter_id: 'sea-2', section_id })).found;
      const parts: string[] = [];
      for (let at: string | null = 'first'; at !== null;) {
        const { title, content, next_section_id } = await read(at);
        expect(title).toBe('Ferries');
        parts.push(content);
        at = next_section_id;
      }
      expect(parts.join('')).toBe(LONG);
      expect(parts.length).toBe(Math.ceil(LONG.length / SECTION_LIMIT));
      expect((await read(null)).content).toBe(parts[0]);
      const { found } = await client.call<SearchResponse>('search_course', { q: 'foghorn' });
      expect(found.results).toMatchObject([{ id: 'sea-2', section_id: 'part-57' }]);
      expect((await read('part-57')).content).toBe(LONG.slice(LONG.indexOf('## Part 57')));
      const nowhere = await client.call('get_chapter', { chapter_id: 'sea-2', section_id: 'nowhere' });
      expect(nowhere.text).toMatch(/no such section/);
    });

    it('goes from chapter to chapter, past the locked one, to the last', async () => {
      const client = await anonymous();
      const next = (chapter_id: string) => client.call<ChapterFound>('next_chapter', { chapter_id });
      const { found: second } = await next('sea-1');
      expect([second.id, LONG.startsWith(second.content)]).toEqual(['sea-2', true]);
      expect((await next('sea-2')).found).toMatchObject({ id: 'sea-3', locked: true, content: null });
      expect((await next('sea-3')).text).toBe('That was the last chapter of the course.');
    });

    it('gets an error of the protocol for a tool that is not there, and advice for arguments that are wrong', async () => {
      const client = await anonymous();
      await expect(client.call('drop_tables')).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining('drop_tables') as string,
      });
      const advice = async (name: string, args: Record<string, unknown>) => (await client.call(name, args)).text;
      expect(await advice('get_quiz', {})).toBe('The arguments cannot be used: quiz_id is missing.');
      expect(await advice('get_quiz', { quiz_id: '../../progress/me' })).toMatch(
        /^The arguments cannot be used: quiz_id must be/,
      );
      expect(await advice('get_quiz', { quiz_id: ['a'] })).toBe(
        'The arguments cannot be used: quiz_id must be a single value.',
      );
      expect(await advice('search_course', { q: '', limit: 99, x: 1 })).toMatch(
        /x is not known here.*q must be.*limit must be/,
      );
      expect(await advice('search_course', { q: 'x'.repeat(9000) })).toBe('The arguments are too long.');
    });
  });

  it('leaves a line in the log for the call and one for each operation that it asks, under one request id', async () => {
    await fetch(`${sea.server.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'x-request-id': 'call-in-the-log',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_course_outline', arguments: { course_id: 'sea' } },
      }),
    });
    const lines = () =>
      sea.server
        .log()
        .split('\n')
        .filter((line) => line.includes('"call-in-the-log"'))
        .map((line) => JSON.parse(line) as { route: string; trace_id: string });
    await eventually(() => lines().length, 3);
    const routes = lines().map(({ route }) => route);
    expect(routes.at(-1)).toBe('/mcp');
    // Those that are asked at once may end in any order.
    expect(routes.sort()).toEqual(['/api/v1/courses/:course_id', '/api/v1/courses/:course_id/chapters', '/mcp']);
    expect(new Set(lines().map(({ trace_id }) => trace_id))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
  });
});
