import MarkdownIt, { type Token } from 'markdown-it';
import { toPlainLine } from '../common/plain-text.js';
import { lineStarts } from '../common/text.js';
import { type Section, SECTION_LIMIT } from './section.js';
import { SectionIds, slug } from './section-ids.js';

/** What stands below a finer heading is mostly a few lines, which say little by themselves. */
const DEEPEST_LEVEL = 3;
/** Where there are more headings, the finest do not count, so that the list of the sections stays short as well. */
const MAX_HEADINGS = 200;
/** More of a heading is not read, and more of it is not shown. */
const MAX_HEADING = 1000;
const MAX_TITLE = 100;

interface Heading {
  level: number;
  /** From 0. */
  line: number;
  /** Its Markdown. */
  source: string;
}

/** Reads blocks alone; of what stands in them the headings are read by themselves. */
const markdown = new MarkdownIt({ html: true });
markdown.core.ruler.enableOnly(['normalize', 'block']);

/**
 * Parts a chapter at its headings down to the third level, and what is still too long at the beginning of a block, of a
 * line or wherever it must be. There is at least one section, and the contents of all together are the text.
 * @param text Markdown
 * @param chapterTitle for what has no heading, or one without words
 */
export function toSections(text: string, chapterTitle: string): Section[] {
  const env = {};
  const tokens = markdown.parse(text, env);
  const lines = lineStarts(text);
  const blocks = tokens.flatMap(({ map }) => (map ? [lines[map[0]]] : []));
  const headings = findHeadings(tokens).map(({ source, ...heading }) => {
    const words = toPlainLine(source.slice(0, MAX_HEADING), env);
    return { ...heading, words, slug: slug(words) };
  });
  const ids = new SectionIds(headings.map((heading) => heading.slug));
  const beginnings = headings.map(({ words, level, line, ...heading }) => ({
    id: ids.claim(heading.slug),
    title: shorten(words || chapterTitle),
    level,
    start: lines[line],
  }));
  const isIntroduced = text.slice(0, beginnings.at(0)?.start).trim() !== '';
  if (isIntroduced || beginnings.length === 0)
    beginnings.unshift({ id: ids.claim('introduction'), title: shorten(chapterTitle), level: 0, start: 0 });
  beginnings[0].start = 0;

  return beginnings.flatMap(({ id, title, level, start }, index) => {
    const end = beginnings.at(index + 1)?.start ?? text.length;
    const starts = partStarts(text, start, end, [blocks, lines]);
    return starts.map((from, part) => ({
      id: part === 0 ? id : ids.claim(`${id}-part-${part + 1}`),
      title: part === 0 ? title : `${title} (part ${part + 1})`,
      level,
      start: from,
      content: text.slice(from, starts.at(part + 1) ?? end),
    }));
  });
}

/** Those that stand in no list and no quotation, down to a level at which they are not too many. */
function findHeadings(tokens: Token[]): Heading[] {
  const all = tokens.flatMap(({ type, tag, map, level }, index) =>
    type === 'heading_open' && level === 0 && map
      ? [{ level: Number(tag.slice(1)), line: map[0], source: tokens[index + 1].content }]
      : [],
  );
  for (let deepest = DEEPEST_LEVEL; deepest > 0; deepest--) {
    const some = all.filter(({ level }) => level <= deepest);
    if (some.length <= MAX_HEADINGS) return some;
  }
  return [];
}

function shorten(title: string): string {
  const characters = Array.from(title);
  return characters.length <= MAX_TITLE ? title : `${characters.slice(0, MAX_TITLE - 1).join('')}…`;
}

/**
 * Where the parts of a section begin.
 * @param breaks where it is best to part it, and where next best, each in ascending order
 */
function partStarts(text: string, start: number, end: number, breaks: number[][]): number[] {
  const starts = [start];
  for (let from = start; end - from >= SECTION_LIMIT; starts.push(from)) {
    const latest = from + SECTION_LIMIT - 1;
    const found = breaks.map((places) => lastUpTo(places, latest)).find((place) => place > from);
    from = found ?? withinLine(text, from, latest);
  }
  return starts;
}

/** After a white space, else anywhere but within a character. */
function withinLine(text: string, from: number, latest: number): number {
  const space = text.slice(from, latest).search(/\s\S*$/);
  if (space >= 0) return from + space + 1;
  return /^[\udc00-\udfff]/.test(text.charAt(latest)) ? latest - 1 : latest;
}

/** The greatest of ascending numbers that is not above a bound, or -1. */
function lastUpTo(ascending: number[], bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? -1 : ascending[low - 1];
}
