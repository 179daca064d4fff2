import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import type { ChapterDto } from '../chapters/chapters.dto.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { everyItem } from '../common/pagination.js';
import { CoursesService } from '../courses/courses.service.js';
import { ProgressService } from '../progress/progress.service.js';
import { conflictIfGone } from '../users/users.service.js';
import { type AdaptivePath, planPath } from './adaptive-path.js';
import { HybridCalls } from './hybrid-calls.js';
import type { AdaptiveLearningRequest, AdaptiveLearningResponse } from './hybrid.dto.js';
import { type ChapterWork, masteryOf } from './mastery.js';
import { asData, roomFor, SYSTEM } from './prompts.js';
import { encodeData, estimateTokens } from './tokens.js';

/** How many chapters that were not begun a prompt tells of. */
const AHEAD = 20;
const MAX_LISTED = 10;

/** What a learner should study next. */
@Injectable()
export class AdaptiveLearningService {
  constructor(
    private readonly courses: CoursesService,
    private readonly progress: ProgressService,
    private readonly calls: HybridCalls,
    private readonly clock: Clock,
  ) {}

  /** @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, and as HybridCalls does */
  async recommend(
    userId: string,
    request: AdaptiveLearningRequest,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<AdaptiveLearningResponse> {
    const open = await this.openChapters(userId, request.course_id, reader);
    const { current_chapter_id: current } = request;
    if (current !== undefined && !open.some(({ chapterId }) => chapterId === current)) {
      throw new AppError('CHAPTER_NOT_FOUND', `Chapter '${current}' is not open in course '${request.course_id}'`);
    }
    if (open.length === 0) throw new AppError('CHAPTER_NOT_FOUND', `Course '${request.course_id}' has no open chapter`);
    const byRule = planPath(open, current, this.clock.now());
    const { value, generatedBy } = await this.calls.run({
      userId,
      feature: 'adaptive_learning',
      sessionId: null,
      isCounted: true,
      request: {
        system: SYSTEM.adaptive_learning,
        messages: [{ role: 'user', content: this.describe(open, byRule, request) }],
        offline: () => byRule,
      },
      secrets: [],
      signal,
    });
    return { ...withinCourse(value, byRule, open), generated_by: generatedBy };
  }

  private async openChapters(userId: string, courseId: string, reader: Reader): Promise<ChapterWork[]> {
    const outline = { include_content: false };
    const [chapters, progress] = await Promise.all([
      everyItem((offset) => this.courses.listChapters(courseId, { ...outline, offset }, reader)),
      this.progress.get(userId, courseId).catch(conflictIfGone),
    ]);
    const completed = new Set(progress.completed_chapters);
    const workOn = (chapter: ChapterDto): ChapterWork => ({
      chapterId: chapter.id,
      title: chapter.title,
      order: chapter.order,
      estimatedMinutes: chapter.estimated_minutes,
      isCompleted: completed.has(chapter.id),
      hasQuiz: chapter.quiz_ids.length > 0,
      scores: chapter.quiz_ids.flatMap((id) => {
        if (!Object.hasOwn(progress.quiz_scores, id)) return [];
        const { score, best_score, attempts, date } = progress.quiz_scores[id];
        return [{ score, bestScore: best_score, attempts, submittedAt: date }];
      }),
    });
    return chapters.filter(({ locked }) => !locked).map(workOn);
  }

  /** The chapters that matter most, as many as fit: those that the rule recommends, the weakest, and the next. */
  private describe(open: ChapterWork[], byRule: AdaptivePath, request: AdaptiveLearningRequest): string {
    const recommended = new Map(byRule.recommendations.map(({ chapter_id }, index) => [chapter_id, index]));
    const known = open.map((chapter) => ({ ...chapter, mastery: masteryOf(chapter, this.clock.now()) }));
    // What the rule recommends (0 to 4), what was begun, the weakest first (10 to 11), and what was not (above 20).
    const rank = ({ chapterId, mastery, order }: (typeof known)[number]) =>
      recommended.get(chapterId) ?? (mastery === null ? 20 + order / 1000 : 10 + mastery);
    const ahead = known.filter(({ mastery }) => mastery === null).slice(0, AHEAD);
    const told = known
      .filter((chapter) => chapter.mastery !== null || ahead.includes(chapter))
      .sort((one, other) => rank(one) - rank(other))
      .map(({ chapterId, title, order, estimatedMinutes, isCompleted, mastery, scores }) => ({
        chapter_id: chapterId,
        title,
        order,
        estimated_minutes: estimatedMinutes,
        completed: isCompleted,
        mastery: mastery === null ? null : Number(mastery.toFixed(2)),
        scores: scores.map(({ score, attempts, submittedAt }) => ({ score, attempts, date: submittedAt })),
      }));
    const goals = (request.learning_goals ?? []).slice(0, 3);
    const room = roomFor('adaptive_learning');
    const write = (chapters: typeof told) =>
      asData({ current_chapter_id: request.current_chapter_id, goals, chapters });
    // What is left only gets less, so that nothing fits behind the first that does not.
    let left = room - estimateTokens(write([]));
    const fitting = told.filter((chapter, index) => {
      left -= estimateTokens(`${encodeData(chapter)},`);
      return index === 0 || left >= 0;
    });
    while (goals.length > 0 && estimateTokens(write(fitting)) > room) goals.pop();
    return write(fitting);
  }
}

/** What the model said, held to the chapters that there are; where it named others, what the rule says. */
function withinCourse(path: AdaptivePath, byRule: AdaptivePath, open: ChapterWork[]): AdaptivePath {
  const chapters = new Map(open.map((chapter) => [chapter.chapterId, chapter]));
  const seen = new Set<string>();
  const recommendations = path.recommendations.flatMap(({ chapter_id, reason, priority }) => {
    const chapter = chapters.get(chapter_id);
    if (!chapter || seen.has(chapter_id)) return [];
    seen.add(chapter_id);
    return [{ chapter_id, reason, priority, estimated_minutes: chapter.estimatedMinutes }];
  });
  const isKnown = chapters.has(path.recommended_next_chapter);
  return {
    ...path,
    recommended_next_chapter: isKnown ? path.recommended_next_chapter : byRule.recommended_next_chapter,
    confidence: Math.min(1, Math.max(0, path.confidence)),
    improvement_areas: path.improvement_areas.slice(0, MAX_LISTED),
    recommendations: recommendations.length > 0 ? recommendations.slice(0, MAX_LISTED) : byRule.recommendations,
  };
}
