import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Reader } from '../auth/reader.js';
import { AppError } from '../common/errors.js';
import type { Chapter } from './chapter.entity.js';
import { ChaptersService } from './chapters.service.js';
import type { Section } from './section.js';
import { FIRST_SECTION } from './section-ids.js';
import { type SectionDto, type SectionSummaryDto, toSectionDto, toSectionSummaryDtos } from './sections.dto.js';

/** How many characters of chapters are kept in sections: a long one takes a while to part. */
const MAX_KEPT = 4 * 1024 * 1024;

/** Chapters in pieces that an app can read one by one. */
@Injectable()
export class SectionsService {
  private readonly kept = new LRUCache<string, Section[]>({
    maxSize: MAX_KEPT,
    sizeCalculation: (_sections, text) => text.length,
  });

  constructor(private readonly chapters: ChaptersService) {}

  /** A chapter's sections in order. @throws as `getOpen` of the chapters does */
  async list(chapterId: string, reader: Reader): Promise<SectionSummaryDto[]> {
    const chapter = await this.chapters.getOpen(chapterId, reader);
    return toSectionSummaryDtos(chapter, await this.sectionsOf(chapter));
  }

  /** @throws {AppError} SECTION_NOT_FOUND; as `getOpen` of the chapters does */
  async get(chapterId: string, id: string, reader: Reader): Promise<SectionDto> {
    const chapter = await this.chapters.getOpen(chapterId, reader);
    const sections = await this.sectionsOf(chapter);
    const index = id === FIRST_SECTION ? 0 : sections.findIndex((section) => section.id === id);
    if (index < 0) throw new AppError('SECTION_NOT_FOUND', `Chapter '${chapterId}' has no section '${id}'`);
    return toSectionDto(chapter, sections[index], sections.at(index + 1));
  }

  private async sectionsOf({ title, content }: Chapter): Promise<Section[]> {
    const text = `${title}\0${content}`;
    const kept = this.kept.get(text);
    if (kept) return kept;
    const { toSections } = await import('./sections.js');
    const sections = toSections(content, title);
    this.kept.set(text, sections);
    return sections;
  }
}
