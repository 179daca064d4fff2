import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import type { ChapterDto, ChapterListQuery } from '../chapters/chapters.dto.js';
import { ChaptersService } from '../chapters/chapters.service.js';
import { AppError } from '../common/errors.js';
import { Page } from '../common/pagination.js';
import { QuizzesService } from '../quizzes/quizzes.service.js';
import type { QuizDto, QuizListQuery } from '../quizzes/quizzes.dto.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { UsersService } from '../users/users.service.js';
import type { Course } from './course.entity.js';
import { type CourseDto, type CourseListQuery, toCourseDto } from './courses.dto.js';
import { CoursesRepository } from './courses.repository.js';

@Injectable()
export class CoursesService {
  constructor(
    private readonly courses: CoursesRepository,
    private readonly chapters: ChaptersService,
    private readonly quizzes: QuizzesService,
    private readonly subscriptions: SubscriptionsService,
    private readonly users: UsersService,
  ) {}

  async list(query: CourseListQuery): Promise<Page<CourseDto>> {
    const [courses, total] = await Promise.all([this.courses.list(query), this.courses.count()]);
    return new Page(await this.withCounts(courses), total, query.limit, query.offset);
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async get(id: string): Promise<CourseDto> {
    const [course] = await this.withCounts([await this.getPublished(id)]);
    return course;
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async listChapters(id: string, query: ChapterListQuery, reader: Reader): Promise<Page<ChapterDto>> {
    await this.getPublished(id);
    return this.chapters.listOfCourse(id, query, reader);
  }

  /**
   * The quizzes that a user's plan opens, by the order of their chapters. @throws {AppError} USER_NOT_FOUND,
   * COURSE_NOT_FOUND
   */
  async listQuizzes(id: string, query: QuizListQuery, userId: string): Promise<Page<QuizDto>> {
    await this.users.mustExist(userId);
    await this.getPublished(id);
    return this.quizzes.listOfCourse(id, query, await this.subscriptions.opens(userId, 'quizzes.premium'));
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async getPublished(id: string): Promise<Course> {
    const course = await this.courses.find(id);
    if (!course) throw courseNotFound(id);
    return course;
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async mustExist(id: string): Promise<void> {
    if (!(await this.courses.exists(id))) throw courseNotFound(id);
  }

  private async withCounts(courses: Course[]): Promise<CourseDto[]> {
    const ids = courses.map(({ id }) => id);
    const [chapters, quizzes] = await Promise.all([this.chapters.countByCourse(ids), this.quizzes.countByCourse(ids)]);
    return courses.map((course) =>
      toCourseDto(course, { chapters: chapters.get(course.id) ?? 0, quizzes: quizzes.get(course.id) ?? 0 }),
    );
  }
}

export function courseNotFound(id: string): AppError {
  return new AppError('COURSE_NOT_FOUND', `Course '${id}' does not exist`);
}
