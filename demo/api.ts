import type { RegisteredDto, RegistrationDto } from '../src/auth/auth.dto.js';
import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import type { ErrorCode } from '../src/common/errors.js';
import type { CourseDto } from '../src/courses/courses.dto.js';
import type {
  AdaptiveLearningResponse,
  CrossChapterSynthesisResponse,
  LLMAssessmentResponse,
  MentorSessionResponse,
} from '../src/hybrid/hybrid.dto.js';
import type { HybridUsageDto } from '../src/hybrid/usage.dto.js';
import type { ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { Answer } from '../src/quizzes/question.js';
import type { QuestionDto, QuizDto, QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import type { AccessDto } from '../src/subscriptions/subscriptions.dto.js';

/** A DTO as a client receives it: its dates are text. */
type Received<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Received<T[K]> } : T;

export type Course = Received<CourseDto>;
export type Chapter = Received<ChapterDto>;
export type Quiz = Received<QuizDto>;
export type Question = Received<QuestionDto>;
export type Answers = Record<string, Answer>;

/**
 * The operations that the demos ask for, by their operationIds, for the learner who is signed in. Each gives what the
 * server answers, or throws a `Refusal`.
 */
export interface Api {
  /** Sends the token with every request from now on. */
  signIn(accessToken: string): void;

  register(account: RegistrationDto): Promise<Received<RegisteredDto>>;
  getAccess(): Promise<Received<AccessDto>>;
  listCourses(): Promise<Course[]>;
  /** Without the chapters' text. */
  listChapters(courseId: string): Promise<Chapter[]>;
  getChapter(chapterId: string): Promise<Chapter>;
  getNextChapter(chapterId: string): Promise<Chapter>;
  getQuiz(quizId: string): Promise<Quiz>;
  submitQuiz(quizId: string, answers: Answers): Promise<Received<QuizResultDto>>;
  completeChapter(courseId: string, chapterId: string): Promise<Received<ProgressChangeDto>>;
  getProgress(courseId: string): Promise<Received<UserProgressDto>>;
  recommendNextChapter(courseId: string): Promise<Received<AdaptiveLearningResponse>>;
  assessFreeText(quizId: string, questionId: string, text: string): Promise<Received<LLMAssessmentResponse>>;
  synthesizeChapters(courseId: string, chapterIds: string[]): Promise<Received<CrossChapterSynthesisResponse>>;
  askMentor(courseId: string, question: string, sessionId?: string): Promise<Received<MentorSessionResponse>>;
  getHybridUsage(): Promise<Received<HybridUsageDto>>;
}

/** What the server says when it does not do what it is asked. */
export interface ErrorAnswer {
  error_code: ErrorCode;
  detail: string;
}

export class Refusal extends Error {
  readonly code: ErrorCode;

  constructor({ error_code, detail }: ErrorAnswer) {
    super(`${error_code}: ${detail}`);
    this.code = error_code;
  }
}

/** @throws {Error} unless it is refused with this code */
export async function refused(asked: Promise<unknown>, code: ErrorCode): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof Refusal && error.code === code) return;
    throw error;
  }
  throw new Error(`The server was to refuse it with ${code}`);
}
