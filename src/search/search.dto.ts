import { ApiProperty } from '@nestjs/swagger';
import { Check } from '../common/check.js';
import { QueryInteger } from '../common/pagination.js';

const MAX_CHARACTERS = 200;

/** Counted as JSON Schema does: each code point is a character. */
function isQuery(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Array.from(value).length <= MAX_CHARACTERS;
}

export class SearchParams {
  /**
   * What is looked for, 1–200 characters: words, "quoted phrases", and `-word` for what no hit may hold. Hits with all
   * words come first, then those with any.
   * @example "how do generators work"
   */
  @Check('isQuery', isQuery, 'must be 1 to 200 characters')
  @ApiProperty({ minLength: 1, maxLength: MAX_CHARACTERS })
  q: string;

  /** How many hits at the most. */
  @QueryInteger({ min: 1, max: 50 })
  limit: number = 10;

  /** How many hits to pass over. */
  @QueryInteger({ min: 0, max: 1000 })
  offset: number = 0;
}

export class SearchResultDto {
  /** @example "chapter" */
  @ApiProperty({ enum: ['course', 'chapter'] })
  type: 'course' | 'chapter';

  /**
   * The course's or the chapter's id.
   * @example "modern-python-with-typing-why-types"
   */
  id: string;

  /** @example "Why types, and how Python treats them" */
  title: string;

  /** What a course is about; chapters have none. */
  description?: string;

  /**
   * The passage of a chapter that says most of what was looked for, at most 300 characters of plain text, its matches
   * between two asterisks; null for courses and for locked chapters.
   * @example "A **type** hint says what a value is meant to be."
   */
  excerpt: string | null;

  /**
   * The section of the chapter that the excerpt is from, to read on there; the first one where the title alone matches; null
   * where there is no excerpt.
   * @example "running-a-checker"
   */
  section_id: string | null;

  /** @example "modern-python-with-typing" */
  course_id: string;

  /** @example "Modern Python with Typing" */
  course_title: string;

  /**
   * The score as a share of the best hit's, 0–1.
   * @example 1
   */
  relevance: number;

  /** Whether the chapter is closed to whoever asks. */
  locked: boolean;
}

export class SearchResponse {
  /**
   * What was looked for.
   * @example "how do generators work"
   */
  query: string;

  /**
   * How many hits there are in all.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  total: number;

  /** Best first. */
  results: SearchResultDto[];
}
