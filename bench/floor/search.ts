import type { FastifyInstance } from 'fastify';
import { stem } from 'porter2';
import type { Sql } from './sql.js';

/** Only what everyone may find is in this index of SQLite's. */
const IN_SQLITE = `
  WITH found AS (
    SELECT rowid AS id, -rank AS score FROM search_index WHERE search_index MATCH :query ORDER BY rank LIMIT 10
  )
  SELECT found.score, entry.chapter_id, entry.title, substr(entry.body, 1, 290) AS excerpt, entry.sections, entry.readers,
    course.id AS course_id, course.title AS course_title,
    (SELECT count(*) FROM search_index WHERE search_index MATCH :query) AS total
  FROM found JOIN search_entries AS entry ON entry.id = found.id JOIN courses AS course ON course.id = entry.course_id
  ORDER BY found.score DESC`;

const IN_POSTGRES = `
  WITH found AS (
    SELECT entry_id AS id, ts_rank(vector, CAST(:query AS tsquery)) AS score, count(*) OVER () AS total FROM search_index
    WHERE vector @@ CAST(:query AS tsquery) AND readers <> 'with_plan' ORDER BY score DESC LIMIT 10
  )
  SELECT found.score, entry.chapter_id, entry.title, substr(entry.body, 1, 290) AS excerpt, entry.sections, entry.readers,
    course.id AS course_id, course.title AS course_title, found.total
  FROM found JOIN search_entries AS entry ON entry.id = found.id JOIN courses AS course ON course.id = entry.course_id
  ORDER BY found.score DESC`;

interface Found {
  score: number;
  chapter_id: string;
  title: string;
  excerpt: string;
  sections: string;
  readers: string;
  course_id: string;
  course_title: string;
  total: number;
}

/**
 * One question to the index for the ten best of those that hold every word: no other words are tried, nothing is
 * weighed, and instead of the passage that answers comes the beginning.
 */
export function serveSearch(server: FastifyInstance, sql: Sql): void {
  server.get<{ Querystring: { q: string } }>('/api/v1/search', async ({ query: { q } }) => {
    const words = q.split(' ').map((word) => `'${stem(word)}'`);
    const found = await (sql.isSqlite
      ? sql.read<Found>(IN_SQLITE, { query: words.join(' AND ').replaceAll("'", '"') })
      : sql.read<Found>(IN_POSTGRES, { query: words.join(' & ') }));
    return {
      query: q,
      total: Number(found[0]?.total ?? 0),
      results: found.map((hit) => toResult(hit, found[0].score)),
    };
  });
}

function toResult(hit: Found, best: number) {
  const isLocked = hit.readers === 'without_plan';
  const [section] = JSON.parse(hit.sections) as { id: string }[];
  return {
    type: 'chapter',
    id: hit.chapter_id,
    title: hit.title,
    excerpt: isLocked ? null : hit.excerpt,
    section_id: isLocked ? null : section.id,
    course_id: hit.course_id,
    course_title: hit.course_title,
    relevance: Number((hit.score / best).toFixed(4)),
    locked: isLocked,
  };
}
