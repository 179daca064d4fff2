import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Repository } from 'typeorm';
import { countByCourse } from '../database/count-by-course.js';
import { Quiz } from './quiz.entity.js';

@Injectable()
export class QuizzesService {
  constructor(@InjectRepository(Quiz) private readonly quizzes: Repository<Quiz>) {}

  /** The ids of each chapter's quizzes, in their order; a chapter without any is not in the map. */
  async idsByChapter(chapterIds: string[]): Promise<Map<string, string[]>> {
    const quizzes = await this.quizzes.find({
      select: { id: true, chapterId: true },
      where: { chapterId: In(chapterIds), retiredAt: IsNull() },
      order: { position: 'asc' },
    });
    const byChapter = new Map<string, string[]>();
    for (const { id, chapterId } of quizzes) byChapter.set(chapterId, [...(byChapter.get(chapterId) ?? []), id]);
    return byChapter;
  }

  countByCourse(courseIds: string[]): Promise<Map<string, number>> {
    return countByCourse(this.quizzes, courseIds);
  }
}
