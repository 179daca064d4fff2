import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsOrder, IsNull, Repository } from 'typeorm';
import type { Reader } from '../auth/reader.js';
import type { ChapterDto, ChapterListQuery } from '../chapters/chapters.dto.js';
import { ChaptersService } from '../chapters/chapters.service.js';
import { AppError } from '../common/errors.js';
import { Page } from '../common/pagination.js';
import { Config } from '../config/config.js';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { Statement } from '../database/statement.js';
import { QuizzesService } from '../quizzes/quizzes.service.js';
import type { QuizDto, QuizListQuery } from '../quizzes/quizzes.dto.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { UsersService } from '../users/users.service.js';
import { Course } from './course.entity.js';
import { type CourseDto, type CourseListQuery, toCourseDto } from './courses.dto.js';

const PUBLISHED = { published: true, retiredAt: IsNull() };

const EXISTS = new Statement<object, 'id'>(
  'SELECT 1 FROM courses WHERE id = :id AND published AND retired_at IS NULL',
  {},
);

@Injectable()
export class CoursesService {
  /** How many courses are published, and in which state of the content. */
  private counted: { revision: string; total: number } | null = null;
  private readonly existing: KnownContent<object>;

  constructor(
    @InjectRepository(Course) private readonly courses: Repository<Course>,
    private readonly chapters: ChaptersService,
    private readonly quizzes: QuizzesService,
    private readonly subscriptions: SubscriptionsService,
    private readonly users: UsersService,
    private readonly revision: ContentRevision,
    config: Config,
  ) {
    this.existing = new KnownContent(revision, config, (id) => EXISTS.row(this.courses.manager, { id }));
  }

  async list({ limit, offset, sort, order }: CourseListQuery): Promise<Page<CourseDto>> {
    const by: FindOptionsOrder<Course> = sort === 'title' ? { sortTitle: order } : { createdAt: order };
    const [courses, total] = await Promise.all([
      this.courses.find({ where: PUBLISHED, order: { ...by, id: order }, take: limit, skip: offset }),
      this.countPublished(),
    ]);
    return new Page(await this.withCounts(courses), total, limit, offset);
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

  /** The quizzes that a user's plan opens, by the order of their chapters. @throws {AppError} USER_NOT_FOUND, COURSE_NOT_FOUND */
  async listQuizzes(id: string, query: QuizListQuery, userId: string): Promise<Page<QuizDto>> {
    await this.users.mustExist(userId);
    await this.getPublished(id);
    return this.quizzes.listOfCourse(id, query, await this.subscriptions.opens(userId, 'quizzes.premium'));
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async getPublished(id: string): Promise<Course> {
    const course = await this.courses.findOneBy({ id, ...PUBLISHED });
    if (!course) throw courseNotFound(id);
    return course;
  }

  /** @throws {AppError} COURSE_NOT_FOUND */
  async mustExist(id: string): Promise<void> {
    if (!(await this.existing.get(id))) throw courseNotFound(id);
  }

  /** Counted once for each state of the content: to count many takes longer than to read a page of them. */
  private async countPublished(): Promise<number> {
    // Read first, so that what changes while it is counted gives another name to what is counted next.
    const revision = await this.revision.current();
    if (this.counted?.revision === revision) return this.counted.total;
    const total = await this.courses.countBy(PUBLISHED);
    this.counted = { revision, total };
    return total;
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
