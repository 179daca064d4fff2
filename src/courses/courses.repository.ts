import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository, type SelectQueryBuilder } from 'typeorm';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { LongReads } from '../database/long-reads.js';
import { Statement } from '../database/statement.js';
import { Course } from './course.entity.js';
import type { CourseListQuery } from './courses.dto.js';

const PUBLISHED = { published: true, retiredAt: IsNull() };

const EXISTS = new Statement<object, 'id'>(
  'SELECT 1 FROM courses WHERE id = :id AND published AND retired_at IS NULL',
  {},
);

const COLUMNS = { title: 'course.sortTitle', created_at: 'course.createdAt' };

/** Every so many courses of the list there is a landmark, after which a page is looked for. */
const STEP = 100;

/** A course of the list, by what it is sorted by. */
interface Landmark {
  id: string;
  /** As text, which is exact. */
  sorted: string;
}

@Injectable()
export class CoursesRepository {
  private readonly existing: KnownContent<object>;
  private readonly counted: KnownContent<number>;
  private readonly landmarks: Record<CourseListQuery['sort'], KnownContent<Landmark[]>>;

  constructor(
    @InjectRepository(Course) private readonly courses: Repository<Course>,
    private readonly reads: LongReads,
    revision: ContentRevision,
  ) {
    this.existing = new KnownContent(revision, (id) => EXISTS.row(this.courses.manager, { id }));
    this.counted = new KnownContent(revision, () => this.courses.countBy(PUBLISHED));
    const landmarksBy = (column: string) =>
      new KnownContent(revision, (order) => this.readLandmarks(column, order as CourseListQuery['order']));
    this.landmarks = { title: landmarksBy(COLUMNS.title), created_at: landmarksBy(COLUMNS.created_at) };
  }

  /** A page of the published courses. What comes before it is not counted off again for every page. */
  async list({ sort, order, limit, offset }: CourseListQuery): Promise<Course[]> {
    const page = this.published();
    const landmarks = offset < STEP ? [] : ((await this.landmarks[sort].get(order)) ?? []);
    const passed = Math.min(Math.floor(offset / STEP), landmarks.length);
    if (passed > 0) {
      const after = `(${COLUMNS[sort]}, course.id) ${order === 'asc' ? '>' : '<'} (:sorted, :id)`;
      page.andWhere(after, landmarks[passed - 1]);
    }
    const direction = order === 'asc' ? 'ASC' : 'DESC';
    return page
      .orderBy(COLUMNS[sort], direction)
      .addOrderBy('course.id', direction)
      .limit(limit)
      .offset(offset - passed * STEP)
      .getMany();
  }

  /** How many courses are published. */
  async count(): Promise<number> {
    return (await this.counted.get('published')) ?? 0;
  }

  /** A published course. */
  find(id: string): Promise<Course | null> {
    return this.courses.findOneBy({ id, ...PUBLISHED });
  }

  /** Whether there is a published course of this id. */
  async exists(id: string): Promise<boolean> {
    return (await this.existing.get(id)) !== null;
  }

  private readLandmarks(column: string, order: CourseListQuery['order']): Promise<Landmark[]> {
    const places = this.published()
      .select('course.id', 'id')
      .addSelect(`CAST(${column} AS varchar)`, 'sorted')
      .addSelect(`row_number() OVER (ORDER BY ${column} ${order}, course.id ${order})`, 'place');
    const landmarks = this.courses.manager
      .createQueryBuilder()
      .select(['id', 'sorted'])
      .from(`(${places.getQuery()})`, 'placed')
      .where('place % :step = 0', { step: STEP })
      .orderBy('place')
      .setParameters(places.getParameters());
    return this.reads.rows<Landmark>(landmarks);
  }

  private published(): SelectQueryBuilder<Course> {
    return this.courses.createQueryBuilder('course').where(PUBLISHED);
  }
}
