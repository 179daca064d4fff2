import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Course } from '../courses/course.entity.js';
import { courseNotFound } from '../courses/courses.service.js';
import { Changes } from '../database/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { SearchIndex } from '../search/search-index.js';
import { ContentRepository, type IdConflict, type ListedCourse } from './content.repository.js';
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
    private readonly content: ContentRepository,
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
    const { content } = this;
    return this.carryOut(course.id, options, async (manager) => {
      const conflicts = await content.findConflicts(manager, { course: course.id, chapters, quizzes });
      if (conflicts.length > 0) throw new IdConflictError(conflicts);
      return planImport(await content.load(manager, course.id), wanted, options);
    });
  }

  /** The package's ids that other courses own. */
  findConflicts(ids: PackageIds): Promise<IdConflict[]> {
    return this.content.findConflicts(this.content.manager, ids);
  }

  /** Takes a course away. @throws {AppError} COURSE_NOT_FOUND */
  remove(id: string, options: ImportOptions): Promise<ImportPlan> {
    const { content } = this;
    return this.carryOut(id, options, async (manager) => {
      const stored = await content.load(manager, id);
      if (!stored.course) throw courseNotFound(id);
      return planRemoval(stored, options);
    });
  }

  isEmpty(): Promise<boolean> {
    return this.content.isEmpty();
  }

  /** Every course, hidden and retired ones included, by title. */
  list(): Promise<ListedCourse[]> {
    return this.content.list();
  }

  /** Whether there is a course to study and every chapter leads to the one after it. */
  isSound(): Promise<boolean> {
    return this.content.isSound();
  }

  private async carryOut(
    courseId: string,
    { dryRun, onProgress }: ImportOptions,
    plan: (manager: EntityManager) => Promise<ImportPlan>,
  ): Promise<ImportPlan> {
    if (dryRun) return plan(this.content.manager);
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
