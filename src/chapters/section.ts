/** A section has fewer characters than this, so that an app can read it in one answer. */
export const SECTION_LIMIT = 20_000;

/** A piece of a chapter that can be read by itself. */
export interface Section {
  /** Unique in the chapter. It is made of the heading's words, so that it stays when others come or go. */
  id: string;
  title: string;
  /** The heading's, from 1; 0 for what stands before the first heading. */
  level: number;
  /** Where in the chapter's text it begins. */
  start: number;
  /** Markdown, the heading included. */
  content: string;
}
