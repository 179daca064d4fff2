import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.js';
import { CallerId, UserId } from '../auth/caller.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { IdPipe } from '../common/ids.js';
import { PageQuery } from '../common/page-query.dto.js';
import { ApiPage, type Page } from '../common/pagination.js';
import { FreeContent } from '../content-cache/free-content.js';
import { CoursesService } from '../courses/courses.service.js';
import { Limit } from '../limits/limit.js';
import { QuizAttemptDto, QuizDto, QuizListQuery, QuizResultDto, QuizSubmissionDto } from './quizzes.dto.js';
import { QuizzesService } from './quizzes.service.js';
import { RepeatedSubmission } from './repeated-submission.js';
import { SubmissionsService } from './submissions.service.js';

@ApiTags('Quizzes')
@Scope('learn:read')
@Controller('quizzes')
export class QuizzesController {
  constructor(
    private readonly quizzes: QuizzesService,
    private readonly submissions: SubmissionsService,
    private readonly courses: CoursesService,
  ) {}

  /**
   * Read a quiz's questions and options, never with an answer.
   * @remarks A premium quiz takes an account whose plan opens it. Put the questions to the learner one by one.
   */
  @Get(':quiz_id')
  @Public()
  @Limit('QUIZZES_READ')
  @FreeContent({ signedIn: true })
  @ApiOperation({ operationId: 'getQuiz' })
  @Errors('USER_NOT_AUTHENTICATED', 'SUBSCRIPTION_REQUIRED', 'QUIZ_NOT_FOUND')
  get(@Param('quiz_id', IdPipe) id: string, @Reader() reader: Reader): Promise<QuizDto> {
    return this.quizzes.get(id, reader);
  }

  /**
   * Submit a learner's answers and get them graded by rule.
   * @remarks A refused submission does not count. With a submission_id a repeated one gets the first result.
   */
  @Post('submit')
  @HttpCode(200)
  @Scope('learn:write')
  @Limit('QUIZZES_SUBMIT', RepeatedSubmission)
  @ApiOperation({ operationId: 'submitQuiz' })
  @Errors('SUBSCRIPTION_REQUIRED', 'QUIZ_NOT_FOUND', 'IDEMPOTENCY_CONFLICT', 'CONFLICT')
  submit(
    @CallerId() userId: string,
    @Reader() reader: Reader,
    @Body() submission: QuizSubmissionDto,
  ): Promise<QuizResultDto> {
    return this.submissions.submit(userId, reader, submission);
  }

  /**
   * List a learner's attempts at a quiz, the newest first.
   * @remarks With the answers as they were given; what was right is told by the results of the submission.
   */
  @Get('attempts/:user_id/:quiz_id')
  @Limit('QUIZZES_ATTEMPTS')
  @ApiOperation({ operationId: 'listAttempts' })
  @ApiPage(QuizAttemptDto, 'A page of attempts')
  @Errors('USER_NOT_FOUND', 'QUIZ_NOT_FOUND')
  listAttempts(
    @UserId() userId: string,
    @Param('quiz_id', IdPipe) quizId: string,
    @Query() query: PageQuery,
  ): Promise<Page<QuizAttemptDto>> {
    return this.submissions.list(userId, quizId, query);
  }

  /**
   * List the quizzes of a course that a learner's plan opens, by chapter.
   * @remarks With include_questions=false, `questions` is null.
   */
  @Get('user/:user_id/course/:course_id')
  @Limit('QUIZZES_LIST')
  @ApiOperation({ operationId: 'listCourseQuizzes' })
  @ApiPage(QuizDto, 'A page of quizzes')
  @Errors('USER_NOT_FOUND', 'COURSE_NOT_FOUND')
  listOfCourse(
    @UserId() userId: string,
    @Param('course_id', IdPipe) courseId: string,
    @Query() query: QuizListQuery,
  ): Promise<Page<QuizDto>> {
    return this.courses.listQuizzes(courseId, query, userId);
  }
}
