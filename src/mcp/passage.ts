import { FIRST_SECTION } from '../chapters/section-ids.js';
import type { SectionSummaryDto } from '../chapters/sections.dto.js';
import { SECTION_LIMIT } from '../chapters/section.js';
import { AppError } from '../common/errors.js';

/** As much of a chapter as a model reads at once. */
export interface Passage {
  content: string;
  /** Where to read on; null at the end of the chapter. */
  next_section_id: string | null;
}

/**
 * A chapter from one of its sections on: as many whole sections as are shorter together than one may be, so that a
 * chapter of many short ones does not take as many calls.
 * @param text the chapter, of which the sections tell how long its pieces are
 * @param from a section's id, or `first`
 * @throws {AppError} SECTION_NOT_FOUND, or CONFLICT if the chapter was changed between reading it and its sections
 */
export function passageFrom(text: string, sections: SectionSummaryDto[], from: unknown): Passage {
  const begin = from === FIRST_SECTION ? 0 : sections.findIndex(({ id }) => id === from);
  if (begin < 0) throw new AppError('SECTION_NOT_FOUND', 'The chapter has no such section');
  const lengths = sections.map(({ characters }) => characters);
  if (sum(lengths) !== text.length) throw new AppError('CONFLICT', 'The chapter has just been changed');
  let end = begin + 1;
  while (end < sections.length && sum(lengths.slice(begin, end + 1)) < SECTION_LIMIT) end++;
  const start = sum(lengths.slice(0, begin));
  return {
    content: text.slice(start, start + sum(lengths.slice(begin, end))),
    next_section_id: sections.at(end)?.id ?? null,
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
