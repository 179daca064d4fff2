import { ApiProperty } from '@nestjs/swagger';
import type { Chapter } from './chapter.entity.js';
import type { Section } from './section.js';

export class SectionSummaryDto {
  /**
   * Made of the heading's words, so that it stays when other sections come or go; never `first`.
   * @example "running-a-checker"
   */
  id: string;

  /**
   * The heading without its marks, cut to 100 characters; the chapter's title where there is none. Where a section is too
   * long, its parts are sections of their own, such as "Lifetimes (part 2)".
   * @example "Running a checker"
   */
  title: string;

  /**
   * The heading's level, 1–3; 0 for what stands before the first heading.
   * @example 2
   */
  @ApiProperty({ type: 'integer' })
  level: number;

  /**
   * How long its content is, below 20,000.
   * @example 686
   */
  @ApiProperty({ type: 'integer' })
  characters: number;
}

export class SectionDto {
  /** @example "modern-python-with-typing-why-types" */
  chapter_id: string;

  /**
   * The section's own id, also where it was asked for as `first`.
   * @example "running-a-checker"
   */
  id: string;

  /**
   * The heading without its marks, cut to 100 characters; the chapter's title where there is none.
   * @example "Running a checker"
   */
  title: string;

  /**
   * This section's share of the chapter's Markdown, byte for byte, the heading included: fewer than 20,000 characters. It
   * may hold raw HTML, which whoever renders it must sanitise.
   * @example "## Running a checker\\n"
   */
  content: string;

  /**
   * Null for the last one.
   * @example "gradual-typing"
   */
  next_section_id: string | null;
}

/** Answers that hold text which only a plan opens: nothing in themselves says so. */
const premium = new WeakSet<object>();

export function toSectionSummaryDtos(chapter: Chapter, sections: Section[]): SectionSummaryDto[] {
  return marked(
    chapter,
    sections.map(({ id, title, level, content }) => ({ id, title, level, characters: content.length })),
  );
}

export function toSectionDto(chapter: Chapter, { id, title, content }: Section, next: Section | undefined): SectionDto {
  return marked(chapter, { chapter_id: chapter.id, id, title, content, next_section_id: next?.id ?? null });
}

function marked<T extends object>({ isPremium }: Chapter, answer: T): T {
  if (isPremium) premium.add(answer);
  return answer;
}

/** Whether an answer holds text that only a plan opens, so that no cache may keep it. */
export function holdsPremiumSections(answer: SectionDto | SectionSummaryDto[]): boolean {
  return premium.has(answer);
}
