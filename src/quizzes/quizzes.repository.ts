import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Repository } from 'typeorm';
import { ContentRevision } from '../content-cache/content-revision.js';
import { KnownContent } from '../content-cache/known-content.js';
import { countByCourse } from '../database/count-by-course.js';
import { Statement } from '../database/statement.js';
import type { Question } from './question.js';
import { Quiz } from './quiz.entity.js';

const IDS = new Statement<Pick<Quiz, 'id'>, 'chapterId'>(
  'SELECT id FROM quizzes WHERE chapter_id = :chapterId AND retired_at IS NULL ORDER BY position',
  {},
);

interface QuizRow extends Omit<Quiz, 'course' | 'chapter' | 'questions'> {
  questions: string;
  chapterTitle: string;
  isChapterPremium: boolean;
}

const QUIZ = new Statement<QuizRow, 'id'>(
  `SELECT quiz.id, quiz.course_id AS "courseId", quiz.chapter_id AS "chapterId", quiz.title, quiz.position, quiz.questions,
     quiz.passing_score AS "passingScore", quiz.is_premium AS "isPremium", quiz.reveal, quiz.retired_at AS "retiredAt",
     quiz.created_at AS "createdAt", quiz.updated_at AS "updatedAt",
     chapter.title AS "chapterTitle", chapter.is_premium AS "isChapterPremium"
   FROM quizzes AS quiz JOIN chapters AS chapter ON chapter.id = quiz.chapter_id
     JOIN courses AS course ON course.id = quiz.course_id AND course.published
   WHERE quiz.id = :id`,
  { isPremium: 'flag', isChapterPremium: 'flag', retiredAt: 'moment', createdAt: 'moment', updatedAt: 'moment' },
);

@Injectable()
export class QuizzesRepository {
  private readonly published: KnownContent<Quiz>;

  constructor(
    @InjectRepository(Quiz) private readonly quizzes: Repository<Quiz>,
    revision: ContentRevision,
  ) {
    this.published = new KnownContent(revision, (id) => this.readPublished(id));
  }

  /** A quiz of a published course with its chapter's title and whether that is premium; retired or not. */
  findPublished(id: string): Promise<Quiz | null> {
    return this.published.get(id);
  }

  /**
   * A published course's quizzes by the order of their chapters, the premium ones only if asked for, and how many there
   * are.
   */
  async listOfCourse(
    courseId: string,
    options: { limit: number; offset: number; withPremium: boolean },
  ): Promise<[Quiz[], number]> {
    const list = this.quizzes
      .createQueryBuilder('quiz')
      .innerJoin('quiz.course', 'course', 'course.published = :published', { published: true })
      .innerJoin('quiz.chapter', 'chapter')
      .addSelect(['chapter.id', 'chapter.title', 'chapter.isPremium'])
      .where('quiz.courseId = :courseId AND quiz.retiredAt IS NULL', { courseId })
      .orderBy('chapter.position')
      .addOrderBy('quiz.position')
      .limit(options.limit)
      .offset(options.offset);
    if (!options.withPremium) list.andWhere('NOT quiz.isPremium AND NOT chapter.isPremium');
    return list.getManyAndCount();
  }

  /** The ids of a chapter's quizzes, in their order. */
  listIdsOf(chapterId: string): Promise<Pick<Quiz, 'id'>[]> {
    return IDS.rows(this.quizzes.manager, { chapterId });
  }

  /** The ids of the quizzes of these chapters, by chapter and in their order. */
  listIds(chapterIds: string[]): Promise<Pick<Quiz, 'id' | 'chapterId'>[]> {
    return this.quizzes.find({
      select: { id: true, chapterId: true },
      where: { chapterId: In(chapterIds), retiredAt: IsNull() },
      order: { position: 'asc' },
    });
  }

  /** How many quizzes each course has; one without any is not in the map. */
  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return countByCourse(this.quizzes, courseIds);
  }

  private async readPublished(id: string): Promise<Quiz | null> {
    const row = await QUIZ.row(this.quizzes.manager, { id });
    if (!row) return null;
    const { chapterTitle, isChapterPremium, questions, ...quiz } = row;
    return {
      ...quiz,
      questions: JSON.parse(questions) as Question[],
      chapter: { id: quiz.chapterId, title: chapterTitle, isPremium: isChapterPremium },
    };
  }
}
