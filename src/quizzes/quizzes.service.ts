import { Injectable } from '@nestjs/common';
import { type Reader, requirePremium } from '../auth/reader.js';
import { AppError } from '../common/errors.js';
import { Page } from '../common/pagination.js';
import { isPremiumQuiz, type Quiz } from './quiz.entity.js';
import { type QuizDto, type QuizListQuery, toQuizDto } from './quizzes.dto.js';
import { QuizzesRepository } from './quizzes.repository.js';

@Injectable()
export class QuizzesService {
  constructor(private readonly quizzes: QuizzesRepository) {}

  /** The quiz without its answers. @throws as `getOpen` does */
  async get(id: string, reader: Reader): Promise<QuizDto> {
    return toQuizDto(await this.getOpen(id, reader));
  }

  /**
   * The quiz with its answers, for grading.
   * @throws {AppError} QUIZ_NOT_FOUND; USER_NOT_AUTHENTICATED or SUBSCRIPTION_REQUIRED for a premium one
   */
  async getOpen(id: string, reader: Reader): Promise<Quiz> {
    const quiz = await this.getPublished(id);
    if (isPremiumQuiz(quiz)) requirePremium(reader);
    return quiz;
  }

  /** @throws {AppError} QUIZ_NOT_FOUND */
  async getPublished(id: string): Promise<Quiz> {
    const quiz = await this.quizzes.findPublished(id);
    if (!quiz) throw new AppError('QUIZ_NOT_FOUND', `Quiz '${id}' does not exist`);
    return quiz;
  }

  /** The quizzes of a course that a plan opens; the caller has seen to it that the course exists. */
  async listOfCourse(
    courseId: string,
    { limit, offset, include_questions }: QuizListQuery,
    withPremium: boolean,
  ): Promise<Page<QuizDto>> {
    const [quizzes, total] = await this.quizzes.listOfCourse(courseId, { limit, offset, withPremium });
    return new Page(
      quizzes.map((quiz) => toQuizDto(quiz, include_questions)),
      total,
      limit,
      offset,
    );
  }

  /** The ids of a chapter's quizzes, in their order. */
  async idsOf(chapterId: string): Promise<string[]> {
    return (await this.quizzes.listIdsOf(chapterId)).map(({ id }) => id);
  }

  /** The ids of each chapter's quizzes, in their order; a chapter without any is not in the map. */
  async idsByChapter(chapterIds: string[]): Promise<Map<string, string[]>> {
    const byChapter = new Map<string, string[]>();
    for (const { id, chapterId } of await this.quizzes.listIds(chapterIds)) {
      byChapter.set(chapterId, [...(byChapter.get(chapterId) ?? []), id]);
    }
    return byChapter;
  }

  /** How many quizzes each course has; one without any is not in the map. */
  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return this.quizzes.countByCourse(courseIds);
  }
}
