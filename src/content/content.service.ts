import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, Not } from 'typeorm';
import { Chapter } from '../chapters/chapter.entity.js';
import { AppError } from '../common/errors.js';
import { Course } from '../courses/course.entity.js';
import { Changes } from '../database/changes.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import { SearchIndex } from '../search/search-index.js';
import { findConflicts, type IdConflict, loadStored } from './content.repository.js';
import type { CoursePackage, PackageIds } from './course-package.js';
import { type ImportPlan, isEmpty, planImport, planRemoval } from './import-plan.js';
import { PlanWriter } from './plan-writer.js';

export interface ImportOptions {
  /** Tell what would be done, and do nothing. */
  dryRun: boolean;
  /** Delete what learners' records name, with those records, instead of retiring it. */
  prune: boolean;
  /** Called as rows are written. */
  onProgress?: (written: number, total: number) => void;
}

export interface ListedCourse {
  id: string;
  title: string;
  chapters: number;
  quizzes: number;
  /** Chapters and quizzes that left the course but are kept for learners' records. */
  retired: number;
  state: 'published' | 'hidden' | 'retired';
}

/** A package cannot be imported, since other courses own some of its ids. */
export class IdConflictError extends Error {
  constructor(readonly conflicts: IdConflict[]) {
    super(`Other courses own ${conflicts.map(({ id }) => id).join(', ')}`);
  }
}

/** The content that authors give: brought in from packages, listed and taken away. */
@Injectable()
export class ContentService {
  constructor(
    private readonly connection: DatabaseConnection,
    private readonly unitOfWork: UnitOfWork,
    private readonly searchIndex: SearchIndex,
    private readonly changes: Changes,
  ) {}

  /**
   * Makes the stored course what the package says, in one transaction.
   * @returns what was, or would be, done
   * @throws {IdConflictError} if another course owns one of the package's ids
   */
  import(wanted: CoursePackage, options: ImportOptions): Promise<ImportPlan> {
    const { course, chapters, quizzes } = wanted;
    return this.carryOut(course.id, options, async (manager) => {
      const conflicts = await findConflicts(manager, { course: course.id, chapters, quizzes });
      if (conflicts.length > 0) throw new IdConflictError(conflicts);
      return planImport(await loadStored(manager, course.id), wanted, options);
    });
  }

  /** The package's ids that other courses own. */
  findConflicts(ids: PackageIds): Promise<IdConflict[]> {
    return findConflicts(this.connection.reader.manager, ids);
  }

  /** Takes a course away. @throws {AppError} COURSE_NOT_FOUND */
  async remove(id: string, options: ImportOptions): Promise<ImportPlan> {
    return this.carryOut(id, options, async (manager) => {
      const stored = await loadStored(manager, id);
      if (!stored.course) throw new AppError('COURSE_NOT_FOUND', `Course '${id}' does not exist`);
      return planRemoval(stored, options);
    });
  }

  async isEmpty(): Promise<boolean> {
    return !(await this.connection.reader.manager.exists(Course));
  }

  async list(): Promise<ListedCourse[]> {
    const { manager } = this.connection.reader;
    const courses = await manager.find(Course, { order: { sortTitle: 'asc', id: 'asc' } });
    return Promise.all(
      courses.map(async ({ id, title, published, retiredAt }) => {
        const here = { courseId: id, retiredAt: IsNull() };
        const gone = { courseId: id, retiredAt: Not(IsNull()) };
        const [chapters, quizzes, retiredChapters, retiredQuizzes] = await Promise.all([
          manager.countBy(Chapter, here),
          manager.countBy(Quiz, here),
          manager.countBy(Chapter, gone),
          manager.countBy(Quiz, gone),
        ]);
        const state = retiredAt ? 'retired' : published ? 'published' : 'hidden';
        return { id, title, chapters, quizzes, retired: retiredChapters + retiredQuizzes, state };
      }),
    );
  }

  private async carryOut(
    courseId: string,
    { dryRun, onProgress }: ImportOptions,
    plan: (manager: EntityManager) => Promise<ImportPlan>,
  ): Promise<ImportPlan> {
    if (dryRun) return plan(this.connection.reader.manager);
    const { searchIndex } = this;
    const write = () =>
      this.unitOfWork.run(async (manager) => {
        // Holds the course's row, so that two imports of one course come one after the other.
        await manager.update(Course, courseId, { id: courseId });
        const planned = await plan(manager);
        if (isEmpty(planned)) return planned;
        const { courses, chapters } = planned;
        await searchIndex.forget(manager, courseId, courses.remove.length > 0 ? 'all' : chapters.remove);
        await new PlanWriter(manager, planned, onProgress).write();
        await searchIndex.refresh(manager, courseId);
        return planned;
      });
    try {
      return await write();
    } catch (error) {
      // A new course has no row to hold. Whoever was second finds it there now.
      if (isUniqueViolation(error)) return await write();
      throw error;
    } finally {
      this.changes.announceContent();
    }
  }
}
