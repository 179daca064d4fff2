import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { ChapterDto, ChapterListQuery, holdsPremiumText } from '../chapters/chapters.dto.js';
import { Errors } from '../common/api-errors.js';
import { IdPipe } from '../common/ids.js';
import { ApiPage, type Page } from '../common/pagination.js';
import { FreeContent } from '../content-cache/free-content.js';
import { Limit } from '../limits/limit.js';
import { CourseDto, CourseListQuery } from './courses.dto.js';
import { CoursesService } from './courses.service.js';

@ApiTags('Courses')
@Public()
@Limit('COURSES_READ')
@Scope('learn:read')
@Controller('courses')
export class CoursesController {
  constructor(private readonly courses: CoursesService) {}

  /**
   * List the courses that can be studied, by title or by age.
   * @remarks A course that its author has hidden is in no list.
   */
  @Get()
  @FreeContent()
  @ApiOperation({ operationId: 'listCourses' })
  @ApiPage(CourseDto, 'A page of courses')
  @Errors()
  list(@Query() query: CourseListQuery): Promise<Page<CourseDto>> {
    return this.courses.list(query);
  }

  /**
   * Read one course: what it is about, what it asks for and how large it is.
   * @remarks The counts are of what the course holds now, premium chapters and quizzes included.
   */
  @Get(':course_id')
  @FreeContent()
  @ApiOperation({ operationId: 'getCourse' })
  @Errors('COURSE_NOT_FOUND')
  get(@Param('course_id', IdPipe) id: string): Promise<CourseDto> {
    return this.courses.get(id);
  }

  /**
   * List a course's chapters in order, with their text or, with include_content=false, as an outline.
   * @remarks A chapter that is locked for the caller has `locked: true` and `content: null`.
   */
  @Get(':course_id/chapters')
  @FreeContent({ closed: holdsPremiumText })
  @ApiOperation({ operationId: 'listChapters' })
  @ApiPage(ChapterDto, 'A page of chapters; locked ones without their text')
  @Errors('COURSE_NOT_FOUND')
  listChapters(
    @Param('course_id', IdPipe) id: string,
    @Query() query: ChapterListQuery,
    @Reader() reader: Reader,
  ): Promise<Page<ChapterDto>> {
    return this.courses.listChapters(id, query, reader);
  }
}
