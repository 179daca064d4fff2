import { toSections } from '../chapters/sections.js';
import { toPlainTexts } from '../common/plain-text.js';
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
