import { join } from 'node:path';
import { readPackage } from '../src/content/read-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import { judgedQueries, relevanceOf } from './relevance.js';
import { HAS_SHARED_COURSES, SHARED_COURSES } from './shared-courses.js';
import { onEachDatabase, TestApp } from './test-app.js';

(HAS_SHARED_COURSES
  ? onEachDatabase
  : () => describe.skip('the relevance of the search', () => it('needs the courses', () => undefined)))((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    for (const name of ['rust-book', 'agents-course']) {
      const { package: read } = await readPackage(join(SHARED_COURSES, name));
      if (read) await test.make.import(read);
    }
  });
  afterAll(() => test.stop());

  const search = async (query: string) => {
    const answer = await test.get(`search/chapters?limit=10&q=${encodeURIComponent(query)}`);
    return answer.json<SearchResponse>().results.map(({ id }) => id);
  };

  /** What the original did: the query as it stands, in titles first. */
  const like = async (query: string) => {
    const pattern = `'%${query.toLowerCase().replaceAll("'", "''").replace(/[%_]/g, '')}%'`;
    const rows = await test.app.get(DatabaseConnection).reader.query<{ id: string }[]>(
      `SELECT id FROM chapters WHERE lower(title) LIKE ${pattern} OR lower(content) LIKE ${pattern}
         ORDER BY CASE WHEN lower(title) LIKE ${pattern} THEN 0 ELSE 1 END, course_id, position LIMIT 10`,
    );
    return rows.map(({ id }) => id);
  };

  it('puts a chapter that answers first for most of the judged queries, and twice as often as LIKE', async () => {
    const judged = judgedQueries();
    const missed: string[] = [];
    const ours = await relevanceOf(
      judged,
      search,
      (query, place) => place === 1 || missed.push(`${place ?? '-'} ${query}`),
    );
    const plain = await relevanceOf(judged, like);
    const row = (name: string, { mrr, ndcg }: typeof ours) =>
      `${name.padEnd(10)} MRR ${mrr.toFixed(3)}  nDCG@10 ${ndcg.toFixed(3)}`;
    console.log(
      [`${judged.length} judged queries`, row(kind, ours), row('LIKE', plain), 'not first:', ...missed].join('\n'),
    );
    expect(judged.length).toBeGreaterThanOrEqual(40);
    expect(ours.mrr).toBeGreaterThanOrEqual(0.8);
    expect(ours.mrr).toBeGreaterThanOrEqual(2 * plain.mrr);
  });

  it('judges chapters that there are', async () => {
    const known = new Set(
      (await test.app.get(DatabaseConnection).reader.query<{ id: string }[]>('SELECT id FROM chapters')).map(
        ({ id }) => id,
      ),
    );
    const unknown = judgedQueries().flatMap(({ answers }) => [...answers.keys()].filter((id) => !known.has(id)));
    expect(unknown).toEqual([]);
  });
});
