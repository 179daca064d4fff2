import { Injectable } from '@nestjs/common';
import { type Reader, requirePremium } from '../auth/reader.js';
import { AppError } from '../common/errors.js';
import { Page } from '../common/pagination.js';
import { QuizzesService } from '../quizzes/quizzes.service.js';
import type { Chapter } from './chapter.entity.js';
import { type ChapterDto, type ChapterListQuery, chapterLimit, toChapterDto } from './chapters.dto.js';
import { type ChapterHeading, ChaptersRepository } from './chapters.repository.js';

@Injectable()
export class ChaptersService {
  constructor(
    private readonly chapters: ChaptersRepository,
    private readonly quizzes: QuizzesService,
  ) {}

  /** @throws as `getOpen` does */
  async get(id: string, reader: Reader): Promise<ChapterDto> {
    return this.toDto(await this.getOpen(id, reader), reader);
  }

  /** @throws {AppError} CHAPTER_NOT_FOUND; USER_NOT_AUTHENTICATED or SUBSCRIPTION_REQUIRED for a locked chapter */
  async getOpen(id: string, reader: Reader): Promise<Chapter> {
    const chapter = await this.getPublished(id);
    if (chapter.isPremium) requirePremium(reader);
    return chapter;
  }

  /** Of a chapter that is open to the reader. @throws as `getOpen` does */
  async getOpenHeading(id: string, reader: Reader): Promise<ChapterHeading> {
    const heading = await this.getHeading(id);
    if (heading.isPremium) requirePremium(reader);
    return heading;
  }

  /** @throws {AppError} CHAPTER_NOT_FOUND */
  async getHeading(id: string): Promise<ChapterHeading> {
    const heading = await this.chapters.findHeading(id);
    if (!heading) throw chapterNotFound(id);
    return heading;
  }

  /** The next chapter, without its text if it is locked. @throws {AppError} NO_NEXT_CHAPTER after the last one */
  async next(id: string, reader: Reader): Promise<ChapterDto> {
    const { nextChapterId } = await this.getPublished(id);
    if (nextChapterId === null) throw new AppError('NO_NEXT_CHAPTER', `Chapter '${id}' is the last of its course`);
    return this.toDto(await this.getPublished(nextChapterId), reader);
  }

  /** The chapter before, without its text if it is locked. @throws {AppError} NO_PREVIOUS_CHAPTER before the first */
  async previous(id: string, reader: Reader): Promise<ChapterDto> {
    const { prevChapterId } = await this.getPublished(id);
    if (prevChapterId === null) throw new AppError('NO_PREVIOUS_CHAPTER', `Chapter '${id}' is the first of its course`);
    return this.toDto(await this.getPublished(prevChapterId), reader);
  }

  /** A course's chapters in order; the caller has seen to it that the course exists. */
  async listOfCourse(courseId: string, query: ChapterListQuery, reader: Reader): Promise<Page<ChapterDto>> {
    const limit = chapterLimit(query);
    const [chapters, counts] = await Promise.all([
      this.chapters.listOfCourse(courseId, { limit, offset: query.offset, withContent: query.include_content }),
      this.countByCourse([courseId]),
    ]);
    const quizIds = await this.quizzes.idsByChapter(chapters.map(({ id }) => id));
    const items = chapters.map((chapter) =>
      toChapterDto(chapter, quizIds.get(chapter.id) ?? [], isLocked(chapter, reader)),
    );
    return new Page(items, counts.get(courseId) ?? 0, limit, query.offset);
  }

  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return this.chapters.countByCourse(courseIds);
  }

  /** @throws {AppError} CHAPTER_NOT_FOUND */
  async getPublished(id: string): Promise<Chapter> {
    const chapter = await this.chapters.findPublished(id);
    if (!chapter) throw chapterNotFound(id);
    return chapter;
  }

  private async toDto(chapter: Chapter, reader: Reader): Promise<ChapterDto> {
    const quizIds = await this.quizzes.idsOf(chapter.id);
    return toChapterDto(chapter, quizIds, isLocked(chapter, reader));
  }
}

function isLocked(chapter: Chapter, reader: Reader): boolean {
  return chapter.isPremium && !reader.hasPremium;
}

function chapterNotFound(id: string): AppError {
  return new AppError('CHAPTER_NOT_FOUND', `Chapter '${id}' does not exist`);
}
