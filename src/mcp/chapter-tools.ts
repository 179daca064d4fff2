import type { ChapterDto } from '../chapters/chapters.dto.js';
import { FIRST_SECTION } from '../chapters/section-ids.js';
import type { SectionSummaryDto } from '../chapters/sections.dto.js';
import { SECTION_LIMIT } from '../chapters/section.js';
import { type Passage, passageFrom } from './passage.js';
import { type JsonSchema, objectOf, orNull } from './schemas.js';
import type { Ask, Tool } from './tool.js';

const getChapter: Tool = {
  name: 'get_chapter',
  title: 'Read a chapter',
  description:
    "Use this to teach from a chapter, to quote it, or to answer from it. It answers the chapter's title, its place in the course, its quiz_ids and its text as Markdown. A long chapter comes in parts of under 20,000 characters: where next_section_id is not null, call again with it as section_id to read on.",
  operations: ['getChapter', 'listSections'],
  arguments: {
    chapter_id: "The chapter's id, as get_course_outline or search_course tells it.",
    section_id:
      'Where to begin: next_section_id of the part before, or the section_id of a search hit; left out for the beginning.',
  },
  output: (of) => chapterOf(of),
  run: async ({ section_id, ...args }, ask) => {
    const { body: chapter } = await ask<ChapterDto>('getChapter', args);
    return { ...chapter, ...(await passageOf(chapter, section_id ?? null, ask)) };
  },
};

const nextChapter: Tool = {
  name: 'next_chapter',
  title: 'Read the next chapter',
  description:
    'Use this when the learner goes on to the chapter after the one at which they are. It answers that chapter as get_chapter does, from its beginning. A chapter that needs another plan comes without its text, with locked as true. After the last chapter it says so.',
  operations: ['getNextChapter', 'listSections'],
  arguments: { chapter_id: 'The id of the chapter at which the learner is.' },
  output: (of) => chapterOf(of),
  run: async (args, ask) => {
    const { body: chapter } = await ask<ChapterDto>('getNextChapter', args);
    return { ...chapter, ...(await passageOf(chapter, null, ask)) };
  },
};

/** Tools for the text of chapters. */
export const CHAPTER_TOOLS: Tool[] = [getChapter, nextChapter];

function chapterOf(of: (operationId: string) => JsonSchema): JsonSchema {
  const { id = {} } = of('listSections').items?.properties ?? {};
  const next = { ...orNull(id), description: 'Where to read on; null at the end of the chapter.' };
  return objectOf({ ...of('getChapter').properties, next_section_id: next });
}

/** What is read of a chapter at once: all of it if it is short and read from its beginning, nothing of a locked one. */
async function passageOf({ id, content }: ChapterDto, from: unknown, ask: Ask): Promise<Partial<Passage>> {
  if (content === null || (from === null && content.length < SECTION_LIMIT)) return { next_section_id: null };
  const { body: sections } = await ask<SectionSummaryDto[]>('listSections', { chapter_id: id });
  return passageFrom(content, sections, from ?? FIRST_SECTION);
}
