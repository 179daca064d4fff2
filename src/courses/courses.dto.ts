import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { PageQuery } from '../common/page-query.dto.js';
import type { Course } from './course.entity.js';

const COURSE_SORTS = ['title', 'created_at'] as const;
const ORDERS = ['asc', 'desc'] as const;

export class CourseListQuery extends PageQuery {
  /** What to sort by. */
  @ApiPropertyOptional({ enum: COURSE_SORTS })
  @IsIn(COURSE_SORTS, { message: `must be one of ${COURSE_SORTS.join(', ')}` })
  sort: 'title' | 'created_at' = 'title';

  /** Which way to sort. */
  @ApiPropertyOptional({ enum: ORDERS })
  @IsIn(ORDERS, { message: `must be one of ${ORDERS.join(', ')}` })
  order: 'asc' | 'desc' = 'asc';
}

export class CourseDto {
  /** @example "modern-python-with-typing" */
  id: string;

  /** @example "Modern Python with Typing" */
  title: string;

  /** @example "Learn to write Python whose types say what the code means." */
  description: string;

  /**
   * What a learner should know before.
   * @example ["Basic Python: functions, loops, lists and dictionaries"]
   */
  prerequisites: string[];

  /**
   * A language tag (BCP 47), as the author wrote it.
   * @example "en"
   */
  language: string | null;

  /**
   * The license of the text.
   * @example "MIT"
   */
  license: string | null;

  /**
   * Where the text comes from.
   * @example null
   */
  source: string | null;

  /**
   * How long the whole course takes, in hours, as its author says; null where they do not.
   * @example 8
   */
  estimated_hours: number | null;

  /**
   * How many chapters the course has now, premium ones included.
   * @example 10
   */
  @ApiProperty({ type: 'integer' })
  chapter_count: number;

  /**
   * How many quizzes the course has now, premium ones included.
   * @example 10
   */
  @ApiProperty({ type: 'integer' })
  quiz_count: number;

  /**
   * When the course was imported first.
   * @example "2026-11-22T10:00:00.000Z"
   */
  created_at: Date;

  /**
   * When the course itself was changed last; its chapters and quizzes have moments of their own.
   * @example "2026-11-22T10:00:00.000Z"
   */
  updated_at: Date;
}

export interface CourseCounts {
  chapters: number;
  quizzes: number;
}

export function toCourseDto(course: Course, counts: CourseCounts): CourseDto {
  return {
    id: course.id,
    title: course.title,
    description: course.description,
    prerequisites: course.prerequisites,
    language: course.language,
    license: course.license,
    source: course.source,
    estimated_hours: course.estimatedHours,
    chapter_count: counts.chapters,
    quiz_count: counts.quizzes,
    created_at: course.createdAt,
    updated_at: course.updatedAt,
  };
}
