import type { FastifyInstance } from 'fastify';
import { type Sql, toMoment } from './sql.js';

const CHAPTER = `
  SELECT chapter.*, (
    SELECT string_agg(id, ' ' ORDER BY position) FROM quizzes WHERE chapter_id = chapter.id AND retired_at IS NULL
  ) AS quiz_ids
  FROM chapters AS chapter JOIN courses AS course ON course.id = chapter.course_id AND course.published
  WHERE chapter.id = :id AND NOT chapter.is_premium`;

interface ChapterRow extends Record<string, unknown> {
  quiz_ids: string | null;
  created_at: string;
  updated_at: string;
}

/** The page first, as what is passed over would be counted too. */
const PAGE = `
  SELECT *,
    (SELECT count(*) FROM chapters WHERE course_id = course.id AND retired_at IS NULL) AS chapter_count,
    (SELECT count(*) FROM quizzes WHERE course_id = course.id AND retired_at IS NULL) AS quiz_count,
    (SELECT count(*) FROM courses WHERE published AND retired_at IS NULL) AS total
  FROM (
    SELECT * FROM courses WHERE published AND retired_at IS NULL ORDER BY sort_title, id LIMIT :limit OFFSET :offset
  ) AS course ORDER BY sort_title, id`;

interface CourseRow extends Record<string, unknown> {
  prerequisites: string;
  total: number;
  created_at: string;
  updated_at: string;
}

/** Chapters and courses, each read with one statement. */
export function serveContent(server: FastifyInstance, sql: Sql): void {
  server.get<{ Params: { id: string } }>('/api/v1/chapters/:id', async ({ params }, reply) => {
    const [chapter] = await sql.read<ChapterRow>(CHAPTER, { id: params.id });
    return chapter ? toChapter(chapter) : reply.status(404).send();
  });
  server.get<{ Querystring: { limit: string; offset: string } }>('/api/v1/courses', async ({ query }, reply) => {
    const courses = await sql.read<CourseRow>(PAGE, { limit: Number(query.limit), offset: Number(query.offset) });
    void reply.header('x-total-count', courses[0]?.total ?? 0);
    return courses.map(toCourse);
  });
}

function toChapter(row: ChapterRow) {
  return {
    id: row.id,
    course_id: row.course_id,
    title: row.title,
    content: row.content,
    order: row.position,
    next_chapter_id: row.next_chapter_id,
    prev_chapter_id: row.prev_chapter_id,
    is_premium: false,
    locked: false,
    estimated_minutes: row.estimated_minutes,
    quiz_ids: row.quiz_ids?.split(' ') ?? [],
    created_at: toMoment(row.created_at),
    updated_at: toMoment(row.updated_at),
  };
}

function toCourse(row: CourseRow) {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    prerequisites: JSON.parse(row.prerequisites) as string[],
    language: row.language,
    license: row.license,
    source: row.source,
    estimated_hours: row.estimated_hours,
    chapter_count: Number(row.chapter_count),
    quiz_count: Number(row.quiz_count),
    created_at: toMoment(row.created_at),
    updated_at: toMoment(row.updated_at),
  };
}
