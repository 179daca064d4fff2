import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type Activity, Recording } from '../activity/recording.js';
import { Streak } from '../activity/streak.entity.js';
import { NO_STREAK, type StreakDays } from '../activity/streak.js';
import { UserProgress } from '../activity/user-progress.entity.js';
import { Chapter } from '../chapters/chapter.entity.js';
import { Course } from '../courses/course.entity.js';
import { Statement } from '../database/statement.js';
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

/** Where a learner stands in a course, begun or not; no quizzes. */
export interface Standing {
  id: number | null;
  lastAccessed: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  days: number;
  longestDays: number;
  lastActiveOn: string | null;
  totalChapters: number;
  /** Their ids, by their order. */
  completedChapters: string[];
}

/** Ids hold no spaces. */
type StandingRow = Omit<Standing, 'completedChapters'> & { completedChapters: string | null };

const STANDING = new Statement<StandingRow, 'userId' | 'courseId'>(
  `SELECT begun.id, begun.last_accessed AS "lastAccessed", begun.created_at AS "createdAt", begun.updated_at AS "updatedAt",
     COALESCE(streak.days, 0) AS days, COALESCE(streak.longest_days, 0) AS "longestDays",
     streak.last_active_on AS "lastActiveOn",
     (SELECT CAST(count(*) AS integer) FROM chapters WHERE course_id = course.id AND retired_at IS NULL) AS "totalChapters",
     (SELECT string_agg(chapter.id, ' ' ORDER BY chapter.position)
       FROM chapters AS chapter JOIN chapter_completions AS done ON done.chapter_id = chapter.id AND done.user_id = :userId
       WHERE chapter.course_id = course.id AND chapter.retired_at IS NULL) AS "completedChapters"
   FROM courses AS course
     LEFT JOIN user_progress AS begun ON begun.course_id = course.id AND begun.user_id = :userId
     LEFT JOIN streaks AS streak ON streak.user_id = :userId
   WHERE course.id = :courseId AND course.published AND course.retired_at IS NULL`,
  { lastAccessed: 'moment', createdAt: 'moment', updatedAt: 'moment' },
);

/** A chapter that is completed. */
export const COMPLETION = new Recording<Pick<ChapterCompletion, 'chapterId'>, Activity & { chapterId: string }>(
  (condition) =>
    `INSERT INTO chapter_completions (user_id, chapter_id, course_id, completed_at)
     SELECT :userId, :chapterId, :courseId, :at WHERE ${condition}
     ON CONFLICT DO NOTHING RETURNING chapter_id AS "chapterId"`,
  { table: 'chapters', id: 'chapterId' },
  false,
);

/**
 * What can only be told by looking at courses and what was done of them together. Chapters that an import has taken
 * away do not count.
 */
@Injectable()
export class ProgressRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Null if the course does not exist, or can be studied no more. */
  async findStanding(userId: string, courseId: string): Promise<Standing | null> {
    const row = await STANDING.row(this.dataSource.manager, { userId, courseId });
    return row && { ...row, completedChapters: row.completedChapters?.split(' ') ?? [] };
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
