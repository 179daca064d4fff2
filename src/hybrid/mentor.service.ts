import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import { ChaptersService } from '../chapters/chapters.service.js';
import { AppError } from '../common/errors.js';
import { CoursesService } from '../courses/courses.service.js';
import { type Passage, SearchService } from '../search/search.service.js';
import { HybridCalls } from './hybrid-calls.js';
import type { MentorSessionRequest, MentorSessionResponse } from './hybrid.dto.js';
import { answerByRule } from './mentor-rules.js';
import { MentorSessions, type OpenSession } from './mentor-sessions.js';
import type { MentorTurn } from './mentor-turn.entity.js';
import { asData, roomFor, SYSTEM } from './prompts.js';
import { cutToFit, dataTokens, fitPieces } from './tokens.js';

const PASSAGES = { limit: 5, length: 700 };
const REMEMBERED_TURNS = 4;
const MAX_LISTED = 6;
/** How much of the room the question may take, and what was said before. */
const OF_QUESTION = 0.4;
const OF_HISTORY = 0.25;

/** Helps a learner to find out for themselves, in a conversation. */
@Injectable()
export class MentorService {
  constructor(
    private readonly courses: CoursesService,
    private readonly chapters: ChaptersService,
    private readonly search: SearchService,
    private readonly sessions: MentorSessions,
    private readonly calls: HybridCalls,
  ) {}

  /** @throws {AppError} COURSE_NOT_FOUND, CHAPTER_NOT_FOUND, and as MentorSessions and HybridCalls do */
  async ask(
    userId: string,
    request: MentorSessionRequest,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<MentorSessionResponse> {
    const { course_id: courseId, session_id: sessionId } = request;
    await this.courses.getPublished(courseId);
    const passages = await this.passages(request, reader);
    if (sessionId === undefined) {
      return this.answer({ id: randomUUID(), userId, courseId, turns: 0, spentUsd: 0 }, request, passages, [], signal);
    }
    const session = await this.sessions.take(sessionId, userId, courseId);
    try {
      const history = await this.sessions.history(session, REMEMBERED_TURNS);
      return await this.answer(session, request, passages, history, signal);
    } catch (error) {
      await this.sessions.release(session.id);
      throw error;
    }
  }

  private async answer(
    session: OpenSession,
    { question, context }: MentorSessionRequest,
    passages: Passage[],
    history: MentorTurn[],
    signal: AbortSignal,
  ): Promise<MentorSessionResponse> {
    let spent = session.spentUsd;
    const { value, generatedBy } = await this.calls.run({
      userId: session.userId,
      feature: 'mentor_sessions',
      sessionId: session.id,
      isCounted: session.turns === 0,
      request: {
        system: SYSTEM.mentor_sessions,
        messages: [{ role: 'user', content: describe(question, context, passages, history) }],
        offline: () => answerByRule(question, passages),
      },
      secrets: [],
      signal,
      store: (manager, answer, costUsd) => {
        spent = session.spentUsd + costUsd;
        return this.sessions.keep(manager, session, { question, answer: answer.response, costUsd });
      },
    });
    return {
      session_id: session.id,
      response: value.response,
      teaching_points: value.teaching_points.slice(0, MAX_LISTED),
      follow_up_questions: value.follow_up_questions.slice(0, MAX_LISTED),
      related_concepts: value.related_concepts.slice(0, MAX_LISTED),
      turns_left: this.sessions.turnsLeft({ turns: session.turns + 1, spentUsd: spent }),
      generated_by: generatedBy,
    };
  }

  /** What the course says of the question; the chapter that it is about comes first. */
  private async passages(
    { question, context, chapter_id, course_id }: MentorSessionRequest,
    reader: Reader,
  ): Promise<Passage[]> {
    if (chapter_id !== undefined) {
      const { courseId } = await this.chapters.getOpenHeading(chapter_id, reader);
      if (courseId !== course_id) {
        throw new AppError('CHAPTER_NOT_FOUND', `Chapter '${chapter_id}' is not of course '${course_id}'`);
      }
    }
    const found = await this.search.passages([question, context].join(' '), course_id, reader, PASSAGES);
    return [
      ...found.filter(({ chapterId }) => chapterId === chapter_id),
      ...found.filter(({ chapterId }) => chapterId !== chapter_id),
    ];
  }
}

/** The question, what the course says of it, and what was said before: the latest of it, as far as there is room. */
function describe(question: string, context: string | undefined, passages: Passage[], history: MentorTurn[]): string {
  const room = roomFor('mentor_sessions') - 80;
  const asked = cutToFit([question, context].filter(Boolean).join('\n'), Math.floor(room * OF_QUESTION));
  const latest = history.map((turn, index) => ({
    text: `Learner: ${turn.question}\nMentor: ${turn.answer}`,
    relevance: index,
  }));
  const before = fitPieces(latest, Math.floor(room * OF_HISTORY));
  const left = room - dataTokens(asked) - before.reduce((sum, text) => sum + dataTokens(text), 0);
  const pieces = passages.map(({ title, text }, index) => ({ text: `${title}: ${text}`, relevance: -index }));
  return asData({ question: asked, said_before: before, passages: fitPieces(pieces, left) });
}
