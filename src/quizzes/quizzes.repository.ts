import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Repository, type SelectQueryBuilder } from 'typeorm';
import { countByCourse } from '../database/count-by-course.js';
import { Quiz } from './quiz.entity.js';

@Injectable()
export class QuizzesRepository {
  constructor(@InjectRepository(Quiz) private readonly quizzes: Repository<Quiz>) {}

  /** A quiz of a published course with its chapter's title and whether that is premium; retired or not. */
  findPublished(id: string): Promise<Quiz | null> {
    return this.ofPublishedCourses().andWhere('quiz.id = :id', { id }).getOne();
  }

  /** A course's quizzes by the order of their chapters; of premium ones only if asked for. */
  async listOfCourse(
    courseId: string,
    options: { limit: number; offset: number; withPremium: boolean },
  ): Promise<[Quiz[], number]> {
    const list = this.ofPublishedCourses()
      .andWhere('quiz.courseId = :courseId AND quiz.retiredAt IS NULL', { courseId })
      .orderBy('chapter.position')
      .addOrderBy('quiz.position')
      .limit(options.limit)
      .offset(options.offset);
    if (!options.withPremium) list.andWhere('NOT quiz.isPremium AND NOT chapter.isPremium');
    return list.getManyAndCount();
  }

  /** The ids of the quizzes of these chapters, by chapter and in their order. */
  listIds(chapterIds: string[]): Promise<Pick<Quiz, 'id' | 'chapterId'>[]> {
    return this.quizzes.find({
      select: { id: true, chapterId: true },
      where: { chapterId: In(chapterIds), retiredAt: IsNull() },
      order: { position: 'asc' },
    });
  }

  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return countByCourse(this.quizzes, courseIds);
  }

  private ofPublishedCourses(): SelectQueryBuilder<Quiz> {
    return this.quizzes
      .createQueryBuilder('quiz')
      .innerJoin('quiz.course', 'course', 'course.published = :published', { published: true })
      .innerJoin('quiz.chapter', 'chapter')
      .addSelect(['chapter.id', 'chapter.title', 'chapter.isPremium']);
  }
}
