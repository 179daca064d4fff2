import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerId, UserId } from '../auth/caller.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { HangUp } from '../common/hang-up.js';
import { Limit } from '../limits/limit.js';
import { AdaptiveLearningService } from './adaptive-learning.service.js';
import { AsksModel } from './asks-model.js';
import { AssessmentService } from './assessment.service.js';
import {
  AdaptiveLearningRequest,
  AdaptiveLearningResponse,
  CrossChapterSynthesisRequest,
  CrossChapterSynthesisResponse,
  LLMAssessmentRequest,
  LLMAssessmentResponse,
  MentorSessionRequest,
  MentorSessionResponse,
} from './hybrid.dto.js';
import { MentorService } from './mentor.service.js';
import { SynthesisService } from './synthesis.service.js';
import { HybridUsageDto, UsageQuery } from './usage.dto.js';
import { UsageService } from './usage.service.js';

@ApiTags('Hybrid')
@Scope('learn:write')
@Controller('hybrid')
export class HybridController {
  constructor(
    private readonly adaptive: AdaptiveLearningService,
    private readonly assessment: AssessmentService,
    private readonly synthesis: SynthesisService,
    private readonly mentor: MentorService,
    private readonly usage: UsageService,
  ) {}

  /**
   * Plan what the learner studies next in a course, from what they have done.
   * @remarks Premium, a few a day. The chapters are ones of the course that the learner may open; every reason has its figures.
   */
  @Post('adaptive-learning')
  @HttpCode(200)
  @AsksModel('COURSE_NOT_FOUND', 'CHAPTER_NOT_FOUND')
  @ApiOperation({ operationId: 'recommendNextChapter' })
  adaptiveLearning(
    @CallerId() userId: string,
    @Reader() reader: Reader,
    @Body() request: AdaptiveLearningRequest,
    @HangUp() signal: AbortSignal,
  ): Promise<AdaptiveLearningResponse> {
    return this.adaptive.recommend(userId, request, reader, signal);
  }

  /**
   * Grade a learner's free-text answer against the quiz's own rubric.
   * @remarks Premium, a few a day. It tells which topics are missing and never quotes the model answer.
   */
  @Post('llm-assessment')
  @HttpCode(200)
  @AsksModel('QUIZ_NOT_FOUND', 'QUESTION_NOT_FOUND')
  @ApiOperation({ operationId: 'assessFreeText' })
  llmAssessment(
    @CallerId() userId: string,
    @Reader() reader: Reader,
    @Body() request: LLMAssessmentRequest,
    @HangUp() signal: AbortSignal,
  ): Promise<LLMAssessmentResponse> {
    return this.assessment.assess(userId, request, reader, signal);
  }

  /**
   * Show how 2 to 10 chapters of a course belong together.
   * @remarks Premium, a few a day. It rests on the chapters' own text and names them.
   */
  @Post('synthesis')
  @HttpCode(200)
  @AsksModel('COURSE_NOT_FOUND', 'CHAPTER_NOT_FOUND')
  @ApiOperation({ operationId: 'synthesizeChapters' })
  synthesize(
    @CallerId() userId: string,
    @Reader() reader: Reader,
    @Body() request: CrossChapterSynthesisRequest,
    @HangUp() signal: AbortSignal,
  ): Promise<CrossChapterSynthesisResponse> {
    return this.synthesis.synthesize(userId, request, reader, signal);
  }

  /**
   * Ask a mentor about a course, in a session of up to 20 questions.
   * @remarks Premium, a few new sessions a day. Send the session_id of the answer to go on, within 24 hours.
   */
  @Post('mentor-session')
  @HttpCode(200)
  @AsksModel('COURSE_NOT_FOUND', 'CHAPTER_NOT_FOUND', 'SESSION_NOT_FOUND', 'SESSION_ENDED')
  @ApiOperation({ operationId: 'askMentor' })
  mentorSession(
    @CallerId() userId: string,
    @Reader() reader: Reader,
    @Body() request: MentorSessionRequest,
    @HangUp() signal: AbortSignal,
  ): Promise<MentorSessionResponse> {
    return this.mentor.ask(userId, request, reader, signal);
  }

  /**
   * Tell how often a learner used the four premium features in a month, and what is left of today.
   * @remarks For every plan. Days and months are UTC.
   */
  @Get('usage/:user_id')
  @Scope('learn:read')
  @Limit('HYBRID_USAGE')
  @ApiOperation({ operationId: 'getHybridUsage' })
  @Errors('USER_NOT_FOUND')
  getUsage(@UserId() userId: string, @Query() { month }: UsageQuery): Promise<HybridUsageDto> {
    return this.usage.get(userId, month);
  }
}
