import { Injectable } from '@nestjs/common';
import { type EntityManager, type EntityTarget, In, IsNull, Not } from 'typeorm';
import { Chapter } from '../chapters/chapter.entity.js';
import { AppError } from '../common/errors.js';
import { Course } from '../courses/course.entity.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { ChapterCompletion } from '../progress/chapter-completion.entity.js';
import { UserProgress } from '../progress/user-progress.entity.js';
import { QuizAttempt } from '../quizzes/quiz-attempt.entity.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import type { CoursePackage } from './course-package.js';
import { type ImportPlan, isEmpty, planImport, planRemoval, type StoredCourse } from './import-plan.js';
import { chunks, PlanWriter } from './plan-writer.js';
import { error, type Problem } from './problem.js';

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

/** The content that authors give: brought in from packages, listed and taken away. */
@Injectable()
export class ContentService {
  constructor(
    private readonly connection: DatabaseConnection,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Makes the stored course what the package says, in one transaction.
   * @returns what was, or would be, done; or the ids that another course owns, and nothing was done
   */
  async import(wanted: CoursePackage, options: ImportOptions): Promise<ImportPlan | Problem[]> {
    return this.carryOut(options, async (manager) => {
      const conflicts = await findConflicts(manager, wanted);
      if (conflicts.length > 0) return conflicts;
      return planImport(await loadStored(manager, wanted.course.id), wanted, options);
    });
  }

  /** Takes a course away. @throws {AppError} COURSE_NOT_FOUND */
  async remove(id: string, options: ImportOptions): Promise<ImportPlan> {
    return this.carryOut(options, async (manager) => {
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

  private async carryOut<T extends ImportPlan | Problem[]>(
    { dryRun, onProgress }: ImportOptions,
    plan: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    if (dryRun) return plan(this.connection.reader.manager);
    return this.unitOfWork.run(async (manager) => {
      const planned = await plan(manager);
      if (!Array.isArray(planned) && !isEmpty(planned)) await new PlanWriter(manager, planned, onProgress).write();
      return planned;
    });
  }
}

/** The package's chapter and quiz ids that belong to other courses. */
async function findConflicts(manager: EntityManager, { course, chapters, quizzes }: CoursePackage): Promise<Problem[]> {
  const owners = async (entity: EntityTarget<Chapter | Quiz>, ids: string[], what: string) => {
    const problems: Problem[] = [];
    for (const some of chunks(ids)) {
      const where = { id: In(some), courseId: Not(course.id) };
      for (const { id, courseId } of await manager.find(entity, { select: { id: true, courseId: true }, where })) {
        problems.push(error('', undefined, `the ${what} id '${id}' belongs to the course '${courseId}'; give another one`));
      }
    }
    return problems;
  };
  const ids = (items: { id: string }[]) => items.map(({ id }) => id);
  return [...(await owners(Chapter, ids(chapters), 'chapter')), ...(await owners(Quiz, ids(quizzes), 'quiz'))];
}

async function loadStored(manager: EntityManager, courseId: string): Promise<StoredCourse> {
  const chapters = await manager.findBy(Chapter, { courseId });
  const quizzes = await manager.findBy(Quiz, { courseId });
  const completions = await manager
    .createQueryBuilder(ChapterCompletion, 'row')
    .select('DISTINCT row.chapterId', 'id')
    .where({ courseId })
    .getRawMany<{ id: string }>();
  const attempts = await manager
    .createQueryBuilder(QuizAttempt, 'row')
    .select('DISTINCT row.quizId', 'id')
    .where('row.quizId IN (SELECT quizzes.id FROM quizzes WHERE quizzes.course_id = :courseId)', { courseId })
    .getRawMany<{ id: string }>();
  return {
    course: await manager.findOneBy(Course, { id: courseId }),
    chapters,
    quizzes,
    recorded: {
      course: await manager.existsBy(UserProgress, { courseId }),
      chapters: new Set(completions.map(({ id }) => id)),
      quizzes: new Set(attempts.map(({ id }) => id)),
    },
  };
}
