import { Injectable } from '@nestjs/common';
import type { Reader } from '../auth/reader.js';
import { AppError, validationError } from '../common/errors.js';
import type { Question } from '../quizzes/question.js';
import { QuizzesService } from '../quizzes/quizzes.service.js';
import { assessByCoverage } from './coverage.js';
import { HybridCalls } from './hybrid-calls.js';
import type { LLMAssessmentRequest, LLMAssessmentResponse } from './hybrid.dto.js';
import { sentencesOf, stemsOf } from './key-terms.js';
import { asData, roomFor, SYSTEM } from './prompts.js';
import { cutToFit, encodeData, estimateTokens, fitPieces } from './tokens.js';

type FreeText = Extract<Question, { type: 'free_text' }>;

/** The model answer, the rubric and the question have this much of the room; the learner's answer has the rest. */
const OF_THE_QUIZ = 0.5;
const MAX_LISTED = 8;

/** Grades answers in the learner's own words. */
@Injectable()
export class AssessmentService {
  constructor(
    private readonly quizzes: QuizzesService,
    private readonly calls: HybridCalls,
  ) {}

  /** @throws {AppError} QUIZ_NOT_FOUND, QUESTION_NOT_FOUND, VALIDATION_ERROR, and as HybridCalls does */
  async assess(
    userId: string,
    { quiz_id, question_id, user_response }: LLMAssessmentRequest,
    reader: Reader,
    signal: AbortSignal,
  ): Promise<LLMAssessmentResponse> {
    const quiz = await this.quizzes.getOpen(quiz_id, reader);
    const question = quiz.questions.find(({ id }) => id === question_id);
    if (!question) throw new AppError('QUESTION_NOT_FOUND', `Question '${question_id}' does not exist`);
    if (question.type !== 'free_text') {
      throw validationError([{ field: 'question_id', message: 'must be of a question that is answered in free text' }]);
    }
    const { correctAnswer, rubric } = question;
    const { value, generatedBy } = await this.calls.run({
      userId,
      feature: 'llm_assessment',
      sessionId: null,
      isCounted: true,
      request: {
        system: SYSTEM.llm_assessment,
        messages: [{ role: 'user', content: describe(question, user_response) }],
        offline: () => assessByCoverage(question.question, correctAnswer, rubric, user_response),
      },
      secrets: [correctAnswer, rubric],
      signal,
    });
    return {
      ...value,
      score: Math.min(1, Math.max(0, value.score)),
      strengths: value.strengths.slice(0, MAX_LISTED),
      misconceptions_identified: value.misconceptions_identified.slice(0, MAX_LISTED),
      recommended_study_topics: value.recommended_study_topics.slice(0, MAX_LISTED),
      generated_by: generatedBy,
    };
  }
}

/** A sentence without an end in parts, of which each can be left out. */
function inParts(sentence: string): string[] {
  return sentence.match(/.{1,200}(?:\s|$)|.{1,200}/gsu) ?? [];
}

/** The question with its key, and of a long answer the sentences that speak of it. */
function describe({ question, correctAnswer, rubric }: FreeText, response: string): string {
  const room = roomFor('llm_assessment') - 60;
  const share = Math.floor((room * OF_THE_QUIZ) / 3);
  const key = {
    question: cutToFit(question, share),
    model_answer: cutToFit(correctAnswer, share),
    rubric: cutToFit(rubric, share),
  };
  const left = room - estimateTokens(encodeData(key));
  const about = new Set(stemsOf(`${question} ${correctAnswer} ${rubric}`));
  const pieces = sentencesOf(response)
    .flatMap(inParts)
    .map((text) => ({ text, relevance: stemsOf(text).filter((stem) => about.has(stem)).length }));
  return asData({ ...key, learner_answer: fitPieces(pieces, left).join(' ') });
}
