import { Injectable } from '@nestjs/common';
import { ActivityService } from '../activity/activity.service.js';
import { daysOn, localDate, type StreakDays } from '../activity/streak.js';
import type { Reader } from '../auth/reader.js';
import type { ChapterHeading } from '../chapters/chapters.repository.js';
import { ChaptersService } from '../chapters/chapters.service.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Page } from '../common/pagination.js';
import { courseNotFound, CoursesService } from '../courses/courses.service.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Metrics } from '../metrics/metrics.js';
import { conflictIfGone, UsersService } from '../users/users.service.js';
import { ChapterCompletion } from './chapter-completion.entity.js';
import {
  completionPercentage,
  type CourseProgressDto,
  type ProgressChangeDto,
  type ProgressListQuery,
  type StreakResetDto,
  toQuizScores,
  type UserProgressDto,
} from './progress.dto.js';
import { COMPLETION, ProgressRepository } from './progress.repository.js';

@Injectable()
export class ProgressService {
  constructor(
    private readonly progress: ProgressRepository,
    private readonly activity: ActivityService,
    private readonly chapters: ChaptersService,
    private readonly courses: CoursesService,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** @throws {AppError} COURSE_NOT_FOUND, USER_NOT_FOUND */
  async get(userId: string, courseId: string): Promise<UserProgressDto> {
    const [standing, scores] = await Promise.all([
      this.progress.findStanding(userId, courseId),
      this.activity.scoresOf(userId, courseId),
    ]);
    if (!standing) throw courseNotFound(courseId);
    const { completedChapters, totalChapters } = standing;
    return {
      id: standing.id,
      user_id: userId,
      course_id: courseId,
      completed_chapters: completedChapters,
      quiz_scores: toQuizScores(scores),
      total_chapters: totalChapters,
      completion_percentage: completionPercentage(completedChapters.length, totalChapters),
      streak_days: await this.streakDays(userId, standing),
      longest_streak_days: standing.longestDays,
      last_accessed: standing.lastAccessed,
      created_at: standing.createdAt,
      updated_at: standing.updatedAt,
    };
  }

  /** The courses that the learner has begun, the latest first. @throws {AppError} USER_NOT_FOUND */
  async list(userId: string, { limit, offset, include_scores }: ProgressListQuery): Promise<Page<CourseProgressDto>> {
    const { courses, total, streak } = await this.progress.listBegun(userId, limit, offset);
    const ids = courses.map(({ courseId }) => courseId);
    const scores = include_scores ? await this.activity.scoresIn(userId, ids) : null;
    const streakDays = await this.streakDays(userId, streak);
    const scoresOf = (id: string) => scores && toQuizScores(scores.filter(({ courseId }) => courseId === id));
    const items = courses.map(({ courseId, title, completedChapters, totalChapters, lastAccessed }) => ({
      course_id: courseId,
      course_title: title,
      completed_chapters: completedChapters,
      total_chapters: totalChapters,
      completion_percentage: completionPercentage(completedChapters, totalChapters),
      quiz_scores: scoresOf(courseId),
      streak_days: streakDays,
      last_accessed: lastAccessed,
    }));
    return new Page(items, total, limit, offset);
  }

  /**
   * Completes a chapter; a second time changes nothing.
   * @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, SUBSCRIPTION_REQUIRED, CONFLICT
   */
  async complete(userId: string, courseId: string, chapterId: string, reader: Reader): Promise<ProgressChangeDto> {
    const { title } = await this.getChapter(courseId, chapterId, (id) => this.chapters.getOpenHeading(id, reader));
    const at = this.clock.now();
    const timezone = await this.users.timezoneOf(userId).catch(conflictIfGone);
    const recorded = await this.activity.record(COMPLETION, { userId, courseId, chapterId, at }, timezone);
    const progress = await this.get(userId, courseId).catch(conflictIfGone);
    if (recorded) this.metrics.chaptersCompleted.inc();
    if (recorded?.isBegun) this.metrics.coursesBegun.inc();
    if (recorded && progress.completed_chapters.length === progress.total_chapters) this.metrics.coursesFinished.inc();
    const done = recorded ? 'Completed' : 'Already completed:';
    return { message: `${done} “${title}”, ${countOf(progress)}`, progress };
  }

  /**
   * Takes a completion back; the streak stays.
   * @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, COMPLETION_NOT_FOUND, CONFLICT
   */
  async takeBack(userId: string, courseId: string, chapterId: string): Promise<ProgressChangeDto> {
    const { title } = await this.getChapter(courseId, chapterId, (id) => this.chapters.getHeading(id));
    const { affected } = await this.unitOfWork.run((manager) =>
      manager.delete(ChapterCompletion, { userId, chapterId }),
    );
    if (!affected) throw new AppError('COMPLETION_NOT_FOUND', `Chapter '${chapterId}' is not completed`);
    const progress = await this.get(userId, courseId).catch(conflictIfGone);
    return { message: `“${title}” is not completed any more, ${countOf(progress)}`, progress };
  }

  /** Sets the streak back to nothing; the longest is kept. @throws {AppError} CONFLICT */
  async resetStreak(userId: string): Promise<StreakResetDto> {
    await this.activity.resetStreak(userId);
    return { message: 'The streak begins anew with the next activity', user_id: userId, streak_days: 0 };
  }

  /** A chapter of this course. @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, and what `get` throws */
  private async getChapter(
    courseId: string,
    chapterId: string,
    get: (id: string) => Promise<ChapterHeading>,
  ): Promise<ChapterHeading> {
    await this.courses.mustExist(courseId);
    const chapter = await get(chapterId);
    if (chapter.courseId === courseId) return chapter;
    throw new AppError('CHAPTER_NOT_FOUND', `Course '${courseId}' has no chapter '${chapterId}'`);
  }

  private async streakDays(userId: string, streak: StreakDays): Promise<number> {
    return daysOn(streak, localDate(this.clock.now(), await this.users.timezoneOf(userId)));
  }
}

function countOf({ completed_chapters, total_chapters }: UserProgressDto): string {
  return `${completed_chapters.length} of ${total_chapters} chapters`;
}
