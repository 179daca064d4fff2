import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { Chapter } from '../chapters/chapter.entity.js';
import { chunks } from '../common/chunks.js';
import { Course } from '../courses/course.entity.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import { countChanges, type ImportPlan, type RowChanges } from './import-plan.js';

/** Writes an import's plan, in the order that the foreign keys ask for. */
export class PlanWriter {
  private readonly now = new Date();
  private readonly total: number;
  private written = 0;

  /** @param onProgress called as rows are written */
  constructor(
    private readonly manager: EntityManager,
    private readonly plan: ImportPlan,
    private readonly onProgress?: (written: number, total: number) => void,
  ) {
    const { courses, chapters, quizzes } = plan;
    this.total = countChanges(courses) + countChanges(chapters) + countChanges(quizzes);
  }

  async write(): Promise<void> {
    const { courses, chapters, quizzes } = this.plan;
    await this.store(Course, courses);
    await this.storeChapters(chapters);
    await this.store(Quiz, quizzes);
    await this.clear(Quiz, quizzes);
    await this.clear(Chapter, chapters, { nextChapterId: null, prevChapterId: null });
    await this.clear(Course, courses);
  }

  /** New chapters are linked when all of them are there: a link names a row at both its ends. */
  private async storeChapters({ add, ...others }: ImportPlan['chapters']): Promise<void> {
    const unlinked = add.map((chapter) => ({ ...chapter, nextChapterId: null, prevChapterId: null }));
    await this.store(Chapter, { ...others, add: unlinked });
    for (const { id, nextChapterId, prevChapterId } of add) {
      await this.manager.update(Chapter, id, { nextChapterId, prevChapterId });
    }
  }

  /** Adds and changes rows. */
  private async store<E extends ObjectLiteral>(
    entity: EntityTarget<E>,
    { add, change }: RowChanges<{ id: string }>,
  ): Promise<void> {
    const { now: createdAt, now: updatedAt } = this;
    for (const rows of chunks(add)) {
      await this.manager.insert(entity, rows.map((row) => ({ ...row, createdAt, updatedAt })) as never);
      this.progress(rows.length);
    }
    for (const row of change) {
      await this.manager.update(entity, row.id, { ...row, updatedAt } as never);
      this.progress(1);
    }
  }

  /** Removes and retires rows; `cleared` is what a retired row forgets. */
  private async clear<E extends ObjectLiteral>(
    entity: EntityTarget<E>,
    { remove, retire }: RowChanges<unknown>,
    cleared: object = {},
  ): Promise<void> {
    const { now: retiredAt, now: updatedAt } = this;
    for (const ids of chunks(remove)) {
      await this.manager.delete(entity, ids);
      this.progress(ids.length);
    }
    for (const ids of chunks(retire)) {
      await this.manager.update(entity, ids, { ...cleared, retiredAt, updatedAt } as never);
      this.progress(ids.length);
    }
  }

  private progress(rows: number): void {
    this.written += rows;
    this.onProgress?.(this.written, this.total);
  }
}
