import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { countByCourse } from '../database/count-by-course.js';
import { Chapter } from './chapter.entity.js';

@Injectable()
export class ChaptersRepository {
  constructor(@InjectRepository(Chapter) private readonly chapters: Repository<Chapter>) {}

  /** A chapter of a published course, retired or not. */
  findPublished(id: string): Promise<Chapter | null> {
    return this.chapters
      .createQueryBuilder('chapter')
      .innerJoin('chapter.course', 'course', 'course.published = :published', { published: true })
      .where('chapter.id = :id', { id })
      .getOne();
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
