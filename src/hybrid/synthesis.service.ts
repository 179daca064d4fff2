import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import { ChaptersService } from '../chapters/chapters.service.js';
import { AppError } from '../common/errors.js';
import { turns } from '../common/turns.js';
import { CoursesService } from '../courses/courses.service.js';
import { HybridCalls } from './hybrid-calls.js';
import type { CrossChapterSynthesisRequest, CrossChapterSynthesisResponse } from './hybrid.dto.js';
import { stemsOf } from './key-terms.js';
import { asData, roomFor, SYSTEM } from './prompts.js';
import { type ChapterText, readChapter, sharedTerms, synthesizeByRule } from './synthesis-rules.js';
import { cutToFit, dataTokens, fitPieces } from './tokens.js';

const MAX_LISTED = 8;
const MAX_SHARED = 30;
const GOALS_TOKENS = 200;

/** Shows how chapters belong together. */
@Injectable()
export class SynthesisService {
  constructor(
    private readonly courses: CoursesService,
    private readonly chapters: ChaptersService,
    private readonly calls: HybridCalls,
  ) {}

  /** @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, and as HybridCalls does */
  async synthesize(
    userId: string,
    { course_id, chapter_ids, learning_goals = [] }: CrossChapterSynthesisRequest,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<CrossChapterSynthesisResponse> {
    await this.courses.getPublished(course_id);
    const chapters = await Promise.all(chapter_ids.map((id) => this.read(id, course_id, reader)));
    const { value, generatedBy } = await this.calls.run({
      userId,
      feature: 'synthesis',
      sessionId: null,
      isCounted: true,
      request: {
        system: SYSTEM.synthesis,
        messages: [{ role: 'user', content: await describe(chapters, learning_goals) }],
        offline: () => synthesizeByRule(chapters, learning_goals),
      },
      secrets: [],
      signal,
    });
    return {
      synthesized_concepts: value.synthesized_concepts.slice(0, MAX_LISTED),
      connections_identified: value.connections_identified.slice(0, MAX_LISTED),
      big_picture_insights: value.big_picture_insights.slice(0, MAX_LISTED),
      practical_applications: value.practical_applications.slice(0, MAX_LISTED),
      sources: chapter_ids,
      generated_by: generatedBy,
    };
  }

  private async read(id: string, courseId: string, reader: Reader): Promise<ChapterText> {
    const { title, content, ...chapter } = await this.chapters.getOpen(id, reader);
    if (chapter.courseId !== courseId) {
      throw new AppError('CHAPTER_NOT_FOUND', `Chapter '${id}' is not of course '${courseId}'`);
    }
    const { toPlainText } = await import('../common/plain-text.js');
    // A long text takes some milliseconds, which nobody else has to wait for.
    await turns.next();
    return readChapter(title, toPlainText(content).blocks.join('\n'));
  }
}

/** Of each chapter the blocks that say most of what the chapters share and of the goals, as many as fit. */
async function describe(chapters: ChapterText[], goals: string[]): Promise<string> {
  const wanted = cutToFit(goals.join('. '), GOALS_TOKENS);
  const shared = sharedTerms(chapters).slice(0, MAX_SHARED);
  const about = new Set([...shared.map(({ stem }) => stem), ...stemsOf(wanted)]);
  const room = roomFor('synthesis') - dataTokens(wanted) - 60;
  const each = Math.floor(room / chapters.length) - 30;
  const passages: object[] = [];
  for (const { title, text } of chapters) {
    const pieces = text.split('\n').map((block) => ({
      text: block,
      relevance: stemsOf(block).filter((stem) => about.has(stem)).length / Math.sqrt(20 + block.length),
    }));
    passages.push({ chapter: cutToFit(title, 20), passages: fitPieces(pieces, each) });
    await turns.next();
  }
  return asData({ goals: wanted, chapters: passages });
}
