import { toSections } from '../chapters/sections.js';
import { toPlainTexts } from '../common/plain-text.js';
import type { Match } from './excerpt.js';
import type { SearchEntry, SectionPlace } from './search-entry.entity.js';

const MAX_BODY = 200_000;

/**
 * What a search reads of a chapter.
 * @param text Markdown
 */
export function readChapter(text: string, title: string): Pick<SearchEntry, 'headings' | 'body' | 'sections'> {
  const parts = toSections(text, title);
  const starts = parts.map(({ start }) => start);
  const headings: string[] = [];
  const blocks: string[] = [];
  const sections: SectionPlace[] = [];
  let length = 0;
  for (const [index, part] of toPlainTexts(text, starts).entries()) {
    sections.push({ id: parts[index].id, start: length });
    headings.push(...part.headings);
    for (const block of part.blocks.map(withAsterisksApart)) {
      blocks.push(block);
      length += block.length + 1;
    }
  }
  const body = blocks.join('\n').slice(0, MAX_BODY).toWellFormed();
  return { headings: headings.join('\n'), body, sections };
}

function withAsterisksApart(block: string): string {
  return block.replace(/\*(?=\*)/g, '* ');
}

/**
 * The id of the section in which most of what was asked for matches: the first one where nothing does.
 * @param weights what each stem counts
 */
export function sectionOf(
  matches: Match[],
  sections: SectionPlace[],
  weights: ReadonlyMap<string, number>,
): string | null {
  const counts = sections.map(({ start }, index) => {
    const end = sections.at(index + 1)?.start ?? Infinity;
    const stems = new Set(matches.filter((match) => match.start >= start && match.start < end).map(({ stem }) => stem));
    return [...stems].reduce((count, stem) => count + (weights.get(stem) ?? 0), 0);
  });
  return sections.at(counts.indexOf(Math.max(...counts)))?.id ?? null;
}
