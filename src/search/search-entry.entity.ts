import { Entity } from 'typeorm';
import { JsonColumn, ReferenceColumn, SerialColumn, TextColumn } from '../database/columns.js';

/** Who finds an entry: those whose plan opens premium content, those without such a plan, or both. */
export type Readers = 'everyone' | 'with_plan' | 'without_plan';

/** A section of a chapter, and where in the entry's body its words begin. */
export interface SectionPlace {
  id: string;
  start: number;
}

/**
 * What can be found of a course or a chapter. A premium chapter has two: its text for those whose plan opens it, and
 * for everyone else its title alone, so that no word of it can be found out. Only what can be studied has any.
 */
@Entity('search_entries')
export class SearchEntry {
  @SerialColumn()
  id: number;

  @ReferenceColumn()
  courseId: string;

  /** Null for the course itself. */
  @ReferenceColumn({ nullable: true })
  chapterId: string | null;

  @TextColumn()
  readers: Readers;

  /** Changes with whatever the entry is made from, and with how it is made. */
  @TextColumn()
  digest: string;

  @TextColumn()
  title: string;

  /** One to a line. */
  @TextColumn()
  headings: string;

  /** Without Markdown, one block to a line, and nowhere two asterisks in a row: those mark an excerpt's matches. */
  @TextColumn()
  body: string;

  /** A chapter's, in their order. */
  @JsonColumn()
  sections: SectionPlace[];
}
