import { Injectable } from '@nestjs/common';
import { type EntityManager, type EntityTarget, In, Not } from 'typeorm';
import { UserProgress } from '../activity/user-progress.entity.js';
import { Chapter } from '../chapters/chapter.entity.js';
import { chunks } from '../common/chunks.js';
import { Course } from '../courses/course.entity.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { LongReads } from '../database/long-reads.js';
import { ChapterCompletion } from '../progress/chapter-completion.entity.js';
import { QuizAttempt } from '../quizzes/quiz-attempt.entity.js';
import { Quiz } from '../quizzes/quiz.entity.js';
import type { PackageIds } from './course-package.js';
import type { StoredCourse } from './import-plan.js';

/** An id of a package that belongs to another course. */
export interface IdConflict {
  kind: 'chapter' | 'quiz';
  id: string;
  /** The course that has it. */
  owner: string;
}

/** A course as operators see it. */
export interface ListedCourse {
  id: string;
  title: string;
  chapters: number;
  quizzes: number;
  /** Chapters and quizzes that left the course but are kept for learners' records. */
  retired: number;
  state: 'published' | 'hidden' | 'retired';
}

/** How many rows a course has, and how many of them are retired. */
interface Counts {
  stored: number;
  retired: number;
}

/** Chapters whose neighbour does not know them, or whose course goes on where they say it ends. */
const BROKEN_LINKS = `
  SELECT COUNT(*) AS broken
  FROM chapters c
  LEFT JOIN chapters n ON n.course_id = c.course_id AND n.position = c.position + 1 AND n.retired_at IS NULL
  WHERE c.retired_at IS NULL
    AND (COALESCE(c.next_chapter_id, '') <> COALESCE(n.id, '') OR (n.id IS NOT NULL AND COALESCE(n.prev_chapter_id, '') <> c.id))`;

/** What is stored of courses, hidden and retired ones included. */
@Injectable()
export class ContentRepository {
  constructor(
    private readonly connection: DatabaseConnection,
    private readonly reads: LongReads,
  ) {}

  /** Outside of a unit of work. */
  get manager(): EntityManager {
    return this.connection.reader.manager;
  }

  async isEmpty(): Promise<boolean> {
    return !(await this.manager.exists(Course));
  }

  /** Every course, by title. */
  async list(): Promise<ListedCourse[]> {
    const courses = await this.manager.find(Course, { order: { sortTitle: 'asc', id: 'asc' } });
    const chapters = await this.countByCourse(Chapter);
    const quizzes = await this.countByCourse(Quiz);
    return courses.map(({ id, title, published, retiredAt }) => {
      const state = retiredAt ? 'retired' : published ? 'published' : 'hidden';
      const [ofChapters, ofQuizzes] = [chapters, quizzes].map((counts) => counts.get(id) ?? { stored: 0, retired: 0 });
      return {
        id,
        title,
        chapters: ofChapters.stored - ofChapters.retired,
        quizzes: ofQuizzes.stored - ofQuizzes.retired,
        retired: ofChapters.retired + ofQuizzes.retired,
        state,
      };
    });
  }

  /** Whether there is a course to study and every chapter leads to the one after it. */
  async isSound(): Promise<boolean> {
    const courses = await this.reads.query('SELECT 1 FROM courses WHERE published AND retired_at IS NULL LIMIT 1', []);
    const [{ broken }] = await this.reads.query<{ broken: number | string }>(BROKEN_LINKS, []);
    return courses.length > 0 && Number(broken) === 0;
  }

  /** The package's ids that other courses own. */
  async findConflicts(manager: EntityManager, { course, chapters, quizzes }: PackageIds): Promise<IdConflict[]> {
    const conflicts: IdConflict[] = [];
    const find = async (entity: EntityTarget<Chapter | Quiz>, kind: IdConflict['kind'], items: { id: string }[]) => {
      for (const some of chunks(items.map(({ id }) => id))) {
        const where = { id: In(some), courseId: Not(course) };
        const rows = await manager.find(entity, { select: { id: true, courseId: true }, where });
        conflicts.push(...rows.map(({ id, courseId }) => ({ kind, id, owner: courseId })));
      }
    };
    await find(Chapter, 'chapter', chapters);
    await find(Quiz, 'quiz', quizzes);
    return conflicts;
  }

  /** A course as it is stored, with what learners' records name of it. */
  async load(manager: EntityManager, courseId: string): Promise<StoredCourse> {
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

  private async countByCourse(entity: EntityTarget<Chapter | Quiz>): Promise<Map<string, Counts>> {
    const rows = await this.manager
      .createQueryBuilder(entity, 'row')
      .select('row.courseId', 'courseId')
      .addSelect('COUNT(*)', 'stored')
      .addSelect('COUNT(row.retiredAt)', 'retired')
      .groupBy('row.courseId')
      .getRawMany<{ courseId: string; stored: number | string; retired: number | string }>();
    return new Map(
      rows.map(({ courseId, stored, retired }) => [courseId, { stored: Number(stored), retired: Number(retired) }]),
    );
  }
}
