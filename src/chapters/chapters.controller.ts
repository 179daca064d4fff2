import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { IdPipe } from '../common/ids.js';
import { FreeContent } from '../content-cache/free-content.js';
import { Limit } from '../limits/limit.js';
import { ChapterDto, holdsPremiumText } from './chapters.dto.js';
import { ChaptersService } from './chapters.service.js';
import { holdsPremiumSections, SectionDto, SectionSummaryDto } from './sections.dto.js';
import { SectionsService } from './sections.service.js';

@ApiTags('Chapters')
@Public()
@Limit('CHAPTERS_READ')
@Scope('learn:read')
@Controller('chapters')
export class ChaptersController {
  constructor(
    private readonly chapters: ChaptersService,
    private readonly sections: SectionsService,
  ) {}

  /**
   * Read one chapter's text, its place in the course and its quizzes.
   * @remarks A premium chapter takes an account whose plan opens it. The Markdown is the author's, byte for byte.
   */
  @Get(':chapter_id')
  @FreeContent({ closed: holdsPremiumText })
  @ApiOperation({ operationId: 'getChapter' })
  @Errors('USER_NOT_AUTHENTICATED', 'SUBSCRIPTION_REQUIRED', 'CHAPTER_NOT_FOUND')
  get(@Param('chapter_id', IdPipe) id: string, @Reader() reader: Reader): Promise<ChapterDto> {
    return this.chapters.get(id, reader);
  }

  /**
   * Read the chapter after this one; a locked one comes without its text.
   * @remarks So that the chain never breaks, a locked chapter is a 200 here. After the last one: `NO_NEXT_CHAPTER`.
   */
  @Get(':chapter_id/next')
  @FreeContent({ closed: holdsPremiumText })
  @ApiOperation({ operationId: 'getNextChapter' })
  @Errors('CHAPTER_NOT_FOUND', 'NO_NEXT_CHAPTER')
  next(@Param('chapter_id', IdPipe) id: string, @Reader() reader: Reader): Promise<ChapterDto> {
    return this.chapters.next(id, reader);
  }

  /**
   * Read the chapter before this one; a locked one comes without its text.
   * @remarks A locked chapter is a 200 here, as it is for the next one. Before the first: `NO_PREVIOUS_CHAPTER`.
   */
  @Get(':chapter_id/previous')
  @FreeContent({ closed: holdsPremiumText })
  @ApiOperation({ operationId: 'getPreviousChapter' })
  @Errors('CHAPTER_NOT_FOUND', 'NO_PREVIOUS_CHAPTER')
  previous(@Param('chapter_id', IdPipe) id: string, @Reader() reader: Reader): Promise<ChapterDto> {
    return this.chapters.previous(id, reader);
  }

  /**
   * List the sections that a chapter is read in, in order, with their titles and lengths.
   * @remarks Each is under 20,000 characters; together they are the chapter. A premium chapter takes an account whose plan opens it.
   */
  @Get(':chapter_id/sections')
  @FreeContent({ closed: holdsPremiumSections })
  @ApiOperation({ operationId: 'listSections' })
  @Errors('USER_NOT_AUTHENTICATED', 'SUBSCRIPTION_REQUIRED', 'CHAPTER_NOT_FOUND')
  listSections(@Param('chapter_id', IdPipe) id: string, @Reader() reader: Reader): Promise<SectionSummaryDto[]> {
    return this.sections.list(id, reader);
  }

  /**
   * Read one section of a chapter, under 20,000 characters, and learn which comes next.
   * @remarks Begin with `first` or with the section that a search hit names; go on with next_section_id until it is null.
   */
  @Get(':chapter_id/sections/:section_id')
  @FreeContent({ closed: holdsPremiumSections })
  @ApiOperation({ operationId: 'getSection' })
  @Errors('USER_NOT_AUTHENTICATED', 'SUBSCRIPTION_REQUIRED', 'CHAPTER_NOT_FOUND', 'SECTION_NOT_FOUND')
  getSection(
    @Param('chapter_id', IdPipe) chapterId: string,
    @Param('section_id', IdPipe) id: string,
    @Reader() reader: Reader,
  ): Promise<SectionDto> {
    return this.sections.get(chapterId, id, reader);
  }
}
