import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { countByCourse } from '../database/count-by-course.js';
import { Statement } from '../database/statement.js';
import { Chapter } from './chapter.entity.js';

/** What a chapter is called and where it belongs. */
export type ChapterHeading = Pick<Chapter, 'courseId' | 'title' | 'isPremium'>;

const HEADING = new Statement<ChapterHeading, 'id'>(
  `SELECT chapter.course_id AS "courseId", chapter.title, chapter.is_premium AS "isPremium"
   FROM chapters AS chapter JOIN courses AS course ON course.id = chapter.course_id AND course.published
   WHERE chapter.id = :id`,
  { isPremium: 'flag' },
);

const CHAPTER = new Statement<Chapter, 'id'>(
  `SELECT chapter.id, chapter.course_id AS "courseId", chapter.title, chapter.content, chapter.position,
     chapter.next_chapter_id AS "nextChapterId", chapter.prev_chapter_id AS "prevChapterId",
     chapter.is_premium AS "isPremium", chapter.estimated_minutes AS "estimatedMinutes",
     chapter.retired_at AS "retiredAt", chapter.created_at AS "createdAt", chapter.updated_at AS "updatedAt"
   FROM chapters AS chapter JOIN courses AS course ON course.id = chapter.course_id AND course.published
   WHERE chapter.id = :id`,
  { isPremium: 'flag', retiredAt: 'moment', createdAt: 'moment', updatedAt: 'moment' },
);

@Injectable()
export class ChaptersRepository {
  private readonly headings: KnownContent<ChapterHeading>;

  constructor(
    @InjectRepository(Chapter) private readonly chapters: Repository<Chapter>,
    revision: ContentRevision,
  ) {
    this.headings = new KnownContent(revision, (id) => HEADING.row(this.chapters.manager, { id }));
  }

  /** A chapter of a published course, retired or not. */
  findPublished(id: string): Promise<Chapter | null> {
    return CHAPTER.row(this.chapters.manager, { id });
  }

  /** That of a chapter of a published course, retired or not. */
  findHeading(id: string): Promise<ChapterHeading | null> {
    return this.headings.get(id);
  }

  /** A course's chapters, by their order. */
  listOfCourse(courseId: string, options: { limit: number; offset: number; withContent: boolean }): Promise<Chapter[]> {
    const columns = this.chapters.metadata.columns.map(({ propertyName }) => `chapter.${propertyName}`);
    return this.chapters
      .createQueryBuilder('chapter')
      .select(options.withContent ? columns : columns.filter((column) => column !== 'chapter.content'))
      .where('chapter.courseId = :courseId AND chapter.retiredAt IS NULL', { courseId })
      .orderBy('chapter.position')
      .limit(options.limit)
      .offset(options.offset)
      .getMany();
  }

  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return countByCourse(this.chapters, courseIds);
  }
}
