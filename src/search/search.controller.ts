import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.js';
import { Reader } from '../auth/reader.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { FreeContent } from '../content-cache/free-content.js';
import { Limit } from '../limits/limit.js';
import { SearchParams, SearchResponse } from './search.dto.js';
import { SearchService } from './search.service.js';

@ApiTags('Search')
@Public()
@Limit('SEARCH')
@Scope('learn:read')
@Controller('search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  /**
   * Find courses and chapters by what they say, best first, with the passage that answers.
   * @remarks A chapter's hit names the section to read on in. Locked chapters are found by their titles alone, never quoted.
   */
  @Get()
  @FreeContent({ signedIn: true })
  @ApiOperation({ operationId: 'search' })
  @Errors()
  searchAll(@Query() query: SearchParams, @Reader() reader: Reader): Promise<SearchResponse> {
    return this.search.search(query, ['course', 'chapter'], reader);
  }

  /**
   * Find courses by their titles, descriptions and prerequisites.
   * @remarks Their chapters are found by the other two routes.
   */
  @Get('courses')
  @FreeContent({ signedIn: true })
  @ApiOperation({ operationId: 'searchCourses' })
  @Errors()
  searchCourses(@Query() query: SearchParams, @Reader() reader: Reader): Promise<SearchResponse> {
    return this.search.search(query, ['course'], reader);
  }

  /**
   * Find chapters by what they say, best first, with the passage that answers.
   * @remarks A chapter's hit names the section to read on in. Locked chapters are found by their titles alone, never quoted.
   */
  @Get('chapters')
  @FreeContent({ signedIn: true })
  @ApiOperation({ operationId: 'searchChapters' })
  @Errors()
  searchChapters(@Query() query: SearchParams, @Reader() reader: Reader): Promise<SearchResponse> {
    return this.search.search(query, ['chapter'], reader);
  }
}
