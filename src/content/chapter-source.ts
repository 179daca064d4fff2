import { YamlSource } from './yaml-source.js';
import type { PackageFile } from './package-files.js';

const BEGINNING = /^\ufeff?---[ \t]*\n/;
const FRONT_MATTER = /^\ufeff?---[ \t]*\n(?:([\s\S]*?)\n)?---[ \t]*(?:\n|$)/;
const LEADING_BLANK_LINES = /^(?:[ \t]*\n)+/;
const WORDS_PER_MINUTE = 200;

export interface ChapterSource {
  frontMatter: YamlSource;
  /** The Markdown, as it is served. */
  content: string;
  /** How many lines of the file come before the content. */
  contentOffset: number;
}

/** Parts a chapter's file into front matter and text; null where it has no front matter. */
export function splitChapter({ path, text }: PackageFile): ChapterSource | null {
  const match = FRONT_MATTER.exec(text);
  if (!match) return null;
  const body = text.slice(match[0].length);
  const blank = LEADING_BLANK_LINES.exec(body)?.[0] ?? '';
  return {
    frontMatter: new YamlSource(path, match[1] ?? '', 1),
    content: endingWithOneNewline(body.slice(blank.length)),
    contentOffset: countLines(match[0]) + countLines(blank),
  };
}

/** What is wrong with a chapter that cannot be parted. */
export function missingFrontMatter({ text }: PackageFile): string {
  return BEGINNING.test(text)
    ? 'has front matter without an end: a line of ---'
    : 'must begin with its front matter between two lines of ---';
}

/** Reading time in minutes: 200 words a minute, at least one. */
export function readingMinutes(content: string): number {
  const words = content.split(/\s+/).filter((word) => word !== '').length;
  return Math.max(1, Math.round(words / WORDS_PER_MINUTE));
}

function endingWithOneNewline(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return `${text.slice(0, end)}\n`;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
