import { search } from './searches.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
  });
  afterAll(() => test.stop());

  /** The first hits of a query, read in pages. */
  async function readPages(q: string, limit: number, most = 1050) {
    const first = await search(test, q, `&limit=${limit}`);
    const hits = first.results;
    for (let offset = limit; offset < Math.min(most, first.total); offset += limit) {
      hits.push(...(await search(test, q, `&limit=${limit}&offset=${offset}`)).results);
    }
    return { ids: hits.map(({ id }) => id), scores: hits.map(({ relevance }) => relevance), total: first.total };
  }

  /** What was changed stands elsewhere in the index than its neighbours. */
  async function makeCourse(id: string, chapters: { title?: string; content: string }[]) {
    await test.make.course({ id, chapters });
    const changed = chapters.map((chapter, index) =>
      index % 97 === 0 ? { ...chapter, content: `${chapter.content}Changed.\n` } : chapter,
    );
    await test.make.course({ id, chapters: changed });
  }

  it.each([
    ['some hundred chapters hold', 'gnus', 600],
    ['very many chapters hold', 'lemurs', 2400],
  ])('pages through what %s, each hit once and the best first, however large the pages', async (_what, word, count) => {
    const chapters = Array.from({ length: count }, (_, index) => ({
      title: index % 7 === 6 ? `Of ${word}` : `Chapter ${index + 1}`,
      content: `${word} graze. `.repeat(1 + (index % 5)) + 'Grass grows. '.repeat(index % 11) + '\n',
    }));
    await makeCourse(`course-of-${count}`, chapters);
    const small = await readPages(word, 7, 350);
    const large = await readPages(word, 50);
    expect(large.total).toBe(count);
    expect(large.ids).toHaveLength(Math.min(count, 1050));
    expect(new Set(large.ids).size).toBe(large.ids.length);
    expect(small.ids).toEqual(large.ids.slice(0, small.ids.length));
    expect(large.scores).toEqual([...large.scores].sort((one, other) => other - one));
  });
});
