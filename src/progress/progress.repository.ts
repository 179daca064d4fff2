import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Streak } from '../activity/streak.entity.js';
import { NO_STREAK, type StreakDays } from '../activity/streak.js';
import { UserProgress } from '../activity/user-progress.entity.js';
import { Chapter } from '../chapters/chapter.entity.js';
import { Course } from '../courses/course.entity.js';
import { ChapterCompletion } from './chapter-completion.entity.js';

/** A course that a learner has begun. */
export interface BegunCourse {
  courseId: string;
  title: string;
  lastAccessed: Date;
  completedChapters: number;
  totalChapters: number;
}

/** A page of the courses that a learner has begun, and the streak, which is the learner's and not the course's. */
export interface BegunCourses {
  courses: BegunCourse[];
  total: number;
  streak: StreakDays;
}

/**
 * What can only be told by looking at courses and what was done of them together. Chapters that an import has taken away
 * do not count.
 */
@Injectable()
export class ProgressRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The ids of a course's chapters by their order, and whether the learner has completed each. */
  async listChapters(userId: string, courseId: string): Promise<{ id: string; isCompleted: boolean }[]> {
    const rows = await this.dataSource
      .createQueryBuilder(Chapter, 'chapter')
      .leftJoin(ChapterCompletion, 'completion', 'completion.chapterId = chapter.id AND completion.userId = :userId', {
        userId,
      })
      .select('chapter.id', 'id')
      .addSelect('completion.chapterId', 'completed')
      .where('chapter.courseId = :courseId AND chapter.retiredAt IS NULL', { courseId })
      .orderBy('chapter.position')
      .getRawMany<{ id: string; completed: string | null }>();
    return rows.map(({ id, completed }) => ({ id, isCompleted: completed !== null }));
  }

  /** The courses that a learner has begun and that can still be studied, the latest first; one statement. */
  async listBegun(userId: string, limit: number, offset: number): Promise<BegunCourses> {
    const begun = this.dataSource
      .createQueryBuilder(UserProgress, 'progress')
      .innerJoin(Course, 'course', 'course.id = progress.courseId AND course.published = :published', {
        published: true,
      })
      .leftJoinAndMapOne('progress.streak', Streak, 'streak', 'streak.userId = progress.userId')
      .where('progress.userId = :userId AND course.retiredAt IS NULL', { userId });
    const chapters = begun
      .subQuery()
      .select('COUNT(*)')
      .from(Chapter, 'chapter')
      .where('chapter.courseId = progress.courseId AND chapter.retiredAt IS NULL');
    const completed = begun
      .subQuery()
      .select('COUNT(*)')
      .from(ChapterCompletion, 'completion')
      .innerJoin(Chapter, 'done', 'done.id = completion.chapterId AND done.retiredAt IS NULL')
      .where('completion.userId = progress.userId AND completion.courseId = progress.courseId');
    const page = begun
      .clone()
      .addSelect('course.title', 'title')
      .addSelect(chapters.getQuery(), 'chapters')
      .addSelect(completed.getQuery(), 'completed')
      .addSelect('COUNT(*) OVER ()', 'total')
      .orderBy('progress.lastAccessed', 'DESC')
      .addOrderBy('progress.courseId')
      .limit(limit)
      .offset(offset);
    const { entities, raw } = await page.getRawAndEntities<RawCourse>();
    const courses = entities.map(({ courseId, lastAccessed }, index) => ({
      courseId,
      title: raw[index].title,
      lastAccessed,
      completedChapters: Number(raw[index].completed),
      totalChapters: Number(raw[index].chapters),
    }));
    const [first] = entities as (UserProgress & { streak?: Streak })[];
    const total = raw.length > 0 || offset === 0 ? Number(raw[0]?.total ?? 0) : await begun.getCount();
    return { courses, total, streak: first?.streak ?? NO_STREAK };
  }
}

/** Counts, which PostgreSQL gives as text. */
interface RawCourse {
  title: string;
  chapters: number | string;
  completed: number | string;
  total: number | string;
}
