import { Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CallerDto } from '../auth/caller.dto.js';
import { UserId } from '../auth/caller.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { IdPipe } from '../common/ids.js';
import { ApiPage, type Page } from '../common/pagination.js';
import { Limit } from '../limits/limit.js';
import {
  CourseProgressDto,
  ProgressChangeDto,
  ProgressListQuery,
  StreakResetDto,
  UserProgressDto,
} from './progress.dto.js';
import { ProgressService } from './progress.service.js';

@ApiTags('Progress')
@Scope('learn:read')
@Controller('progress/:user_id')
export class ProgressController {
  constructor(private readonly progress: ProgressService) {}

  /**
   * Read what a learner has done of a course: completed chapters, quiz scores and the streak.
   * @remarks Zeros for a course that is not begun.
   */
  @Get('courses/:course_id')
  @Limit('PROGRESS_READ')
  @ApiOperation({ operationId: 'getProgress' })
  @Errors('USER_NOT_FOUND', 'COURSE_NOT_FOUND')
  get(@UserId() userId: string, @Param('course_id', IdPipe) courseId: string): Promise<UserProgressDto> {
    return this.progress.get(userId, courseId);
  }

  /**
   * List the courses that a learner has begun, the latest first, and how far they are.
   * @remarks A course is begun with its first completed chapter or graded submission.
   */
  @Get('courses')
  @Limit('PROGRESS_LIST')
  @ApiOperation({ operationId: 'listProgress' })
  @ApiPage(CourseProgressDto, 'A page of courses')
  @Errors('USER_NOT_FOUND')
  list(@UserId() userId: string, @Query() query: ProgressListQuery): Promise<Page<CourseProgressDto>> {
    return this.progress.list(userId, query);
  }

  /**
   * Complete a chapter for a learner, when they have read it.
   * @remarks Doing it again changes nothing. The first activity of a day makes the streak grow.
   */
  @Post('courses/:course_id/chapters/:chapter_id')
  @HttpCode(200)
  @Scope('learn:write')
  @Limit('PROGRESS_COMPLETE')
  @ApiOperation({ operationId: 'completeChapter' })
  @ApiBody({ type: CallerDto, required: false })
  @Errors('COURSE_NOT_FOUND', 'CHAPTER_NOT_FOUND', 'SUBSCRIPTION_REQUIRED', 'CONFLICT')
  complete(
    @UserId() userId: string,
    @Param('course_id', IdPipe) courseId: string,
    @Param('chapter_id', IdPipe) chapterId: string,
    @Reader() reader: Reader,
  ): Promise<ProgressChangeDto> {
    return this.progress.complete(userId, courseId, chapterId, reader);
  }

  /**
   * Take the completion of a chapter back, as when it was marked by mistake.
   * @remarks The streak stays as it is.
   */
  @Delete('courses/:course_id/chapters/:chapter_id')
  @Scope('learn:write')
  @Limit('PROGRESS_COMPLETE')
  @ApiOperation({ operationId: 'takeCompletionBack' })
  @Errors('COURSE_NOT_FOUND', 'CHAPTER_NOT_FOUND', 'COMPLETION_NOT_FOUND', 'CONFLICT')
  takeBack(
    @UserId() userId: string,
    @Param('course_id', IdPipe) courseId: string,
    @Param('chapter_id', IdPipe) chapterId: string,
  ): Promise<ProgressChangeDto> {
    return this.progress.takeBack(userId, courseId, chapterId);
  }

  /**
   * Set a learner's streak back to nothing.
   * @remarks The longest streak is kept; the next activity, on the same day too, makes it 1.
   */
  @Put('streak/reset')
  @Scope('learn:write')
  @Limit('STREAK_RESET')
  @ApiOperation({ operationId: 'resetStreak' })
  @ApiBody({ type: CallerDto, required: false })
  @Errors('CONFLICT')
  resetStreak(@UserId() userId: string): Promise<StreakResetDto> {
    return this.progress.resetStreak(userId);
  }
}
