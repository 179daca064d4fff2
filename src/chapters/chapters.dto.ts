import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MAX_OFFSET, Page, QueryInteger } from '../common/pagination.js';
import { QueryFlag } from '../common/query-flag.js';
import type { Chapter } from './chapter.entity.js';

/** An outline is light, so one answer may hold a whole course's. */
const OUTLINE_LIMIT = 1000;
const FULL_LIMIT = { default: 50, max: 200 };

export class ChapterListQuery {
  /** Whether to send the chapters' text; without it `content` is null and `limit` may be up to 1,000. */
  @QueryFlag()
  include_content: boolean = true;

  /** How many chapters at the most: 50 unless told, up to 200; without text 1,000 unless told, up to 1,000. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: OUTLINE_LIMIT })
  @QueryInteger({
    min: 1,
    max: (query) => ((query as ChapterListQuery).include_content === false ? OUTLINE_LIMIT : FULL_LIMIT.max),
    optional: true,
  })
  limit?: number;

  /** How many chapters to pass over. */
  @QueryInteger({ min: 0, max: MAX_OFFSET })
  offset: number = 0;
}

export function chapterLimit({ limit, include_content }: ChapterListQuery): number {
  return limit ?? (include_content ? FULL_LIMIT.default : OUTLINE_LIMIT);
}

export class ChapterDto {
  /** @example "modern-python-with-typing-why-types" */
  id: string;

  /** @example "modern-python-with-typing" */
  course_id: string;

  /** @example "Why types, and how Python treats them" */
  title: string;

  /**
   * The text in Markdown, as its author wrote it; null where it is locked or was not asked for. It may hold raw HTML,
   * which whoever renders it must sanitise.
   * @example "A type hint says what a value is meant to be.\\n"
   */
  content: string | null;

  /**
   * The place in the course, from 1.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  order: number;

  /** @example "modern-python-with-typing-functions-and-variables" */
  next_chapter_id: string | null;

  /** @example null */
  prev_chapter_id: string | null;

  /** Whether it takes a premium plan to read the chapter. */
  is_premium: boolean;

  /** Whether the chapter is closed to whoever asks. */
  locked: boolean;

  /**
   * Reading time in minutes, at least 1.
   * @example 6
   */
  @ApiProperty({ type: 'integer' })
  estimated_minutes: number;

  /** @example ["modern-python-with-typing-quiz-why-types"] */
  quiz_ids: string[];

  /** @example "2026-11-22T10:00:00.000Z" */
  created_at: Date;

  /** @example "2026-11-22T10:00:00.000Z" */
  updated_at: Date;
}

export function toChapterDto(chapter: Chapter, quizIds: string[], isLocked: boolean): ChapterDto {
  return {
    id: chapter.id,
    course_id: chapter.courseId,
    title: chapter.title,
    content: isLocked ? null : (chapter.content ?? null),
    order: chapter.position,
    next_chapter_id: chapter.nextChapterId,
    prev_chapter_id: chapter.prevChapterId,
    is_premium: chapter.isPremium,
    locked: isLocked,
    estimated_minutes: chapter.estimatedMinutes,
    quiz_ids: quizIds,
    created_at: chapter.createdAt,
    updated_at: chapter.updatedAt,
  };
}

/** Whether an answer holds text that only a plan opens, so that no cache may keep it. */
export function holdsPremiumText(answer: ChapterDto | Page<ChapterDto>): boolean {
  const chapters = answer instanceof Page ? answer.items : [answer];
  return chapters.some(({ is_premium, content }) => is_premium && content !== null);
}
