import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull } from 'typeorm';
import { Chapter } from '../chapters/chapter.entity.js';
import { chunks } from '../common/chunks.js';
import { Course } from '../courses/course.entity.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { type Readers, SearchEntry } from './search-entry.entity.js';
import type { SearchWord } from './search-word.entity.js';
import { type IndexRow, SearchIndexRepository } from './search-index.repository.js';
import { spellingVariants } from './spelling.js';
import { readWords, type Words } from './words.js';

/**
 * To be raised with every change of what an entry holds, of what a word is or of how a section is named, so that what
 * is stored is made anew.
 */
const INDEX_VERSION = 3;

/** More is not indexed: PostgreSQL keeps no place beyond it. */
const MAX_WORDS = 16_000;
/** How many entries are made and stored at once. */
const CHUNK = 50;
const MAX_COUNTED = 5000;

type EntryRow = Omit<SearchEntry, 'id'>;

/** An entry to be, whose text is made when it is needed. */
interface Wanted {
  digest: string;
  make(): Promise<EntryRow>;
}

/** Keeps what can be found in step with what can be studied, in the transaction of whoever changes a course. */
@Injectable()
export class SearchIndex {
  constructor(private readonly repository: SearchIndexRepository) {}

  /** Makes the entries of a course what its rows say. */
  async refresh(manager: EntityManager, courseId: string): Promise<void> {
    const wanted = await findWanted(manager, courseId);
    const select = { id: true, chapterId: true, readers: true, digest: true } as const;
    const stored = await manager.find(SearchEntry, { select, where: { courseId } });
    const isCurrent = (entry: Key & { digest: string }) => wanted.get(keyOf(entry))?.digest === entry.digest;
    const outdated = stored.filter((entry) => !isCurrent(entry)).map(({ id }) => id);
    stored.filter(isCurrent).forEach((entry) => wanted.delete(keyOf(entry)));
    await this.replace(manager, outdated, [...wanted.values()]);
  }

  /** Takes entries away before the rows go that they are of. */
  async forget(manager: EntityManager, courseId: string, chapterIds: string[] | 'all'): Promise<void> {
    const stored = await manager.find(SearchEntry, { select: { id: true, chapterId: true }, where: { courseId } });
    const goes = ({ chapterId }: Pick<SearchEntry, 'chapterId'>) =>
      chapterId !== null && chapterIds.includes(chapterId);
    const going = chapterIds === 'all' ? stored : stored.filter(goes);
    await this.replace(
      manager,
      going.map(({ id }) => id),
      [],
    );
  }

  /** Makes the entries anew that were made in another way than today's. @returns the ids of the courses they are of */
  async refreshOutdated(manager: EntityManager, unitOfWork: UnitOfWork): Promise<string[]> {
    const outdated = await this.repository.findOutdated(manager, INDEX_VERSION);
    for (const id of outdated) await unitOfWork.run((writing) => this.refresh(writing, id));
    return outdated;
  }

  private async replace(manager: EntityManager, outdated: number[], wanted: Wanted[]): Promise<void> {
    if (outdated.length === 0 && wanted.length === 0) return;
    await this.repository.lock(manager);
    const counts = new WordCounts();
    for (const ids of chunks(outdated, CHUNK)) await this.remove(manager, ids, counts);
    for (const some of chunks(wanted, CHUNK))
      await this.add(manager, await Promise.all(some.map((entry) => entry.make())), counts);
    for (const words of chunks(counts.changes(), MAX_COUNTED)) await this.repository.countWords(manager, words);
  }

  private async remove(manager: EntityManager, ids: number[], counts: WordCounts): Promise<void> {
    const entries = await manager.findBy(SearchEntry, { id: In(ids) });
    for (const entry of entries) counts.count(wordsOf(entry), entry.readers, -1);
    await manager.delete(SearchEntry, ids);
  }

  private async add(manager: EntityManager, entries: EntryRow[], counts: WordCounts): Promise<void> {
    await manager.insert(SearchEntry, entries);
    const [{ courseId }] = entries;
    const stored = await manager.find(SearchEntry, {
      select: { id: true, chapterId: true, readers: true },
      where: { courseId, digest: In(entries.map(({ digest }) => digest)) },
    });
    const ids = new Map(stored.map((entry) => [keyOf(entry), entry.id]));
    const rows = entries.map((entry): IndexRow => {
      const words = wordsOf(entry);
      counts.count(words, entry.readers, 1);
      const [title, headings, body] = words.map(indexedWords);
      const { readers, chapterId } = entry;
      const kind = chapterId === null ? 'course' : 'chapter';
      return { id: ids.get(keyOf(entry)) ?? 0, readers, kind, courseId, title, headings, body };
    });
    await this.repository.index(manager, rows);
  }
}

async function findWanted(manager: EntityManager, courseId: string): Promise<Map<string, Wanted>> {
  const course = await manager.findOneBy(Course, { id: courseId, published: true, retiredAt: IsNull() });
  if (!course) return new Map();
  const chapters = await manager.findBy(Chapter, { courseId, retiredAt: IsNull() });
  const entries = [courseEntry(course), ...chapters.flatMap(chapterEntries)];
  return new Map(entries.map((entry) => [keyOf(entry), entry]));
}

type Key = Pick<SearchEntry, 'chapterId' | 'readers'>;

function keyOf({ chapterId, readers }: Key): string {
  return `${chapterId ?? ''} ${readers}`;
}

function courseEntry(course: Course): Wanted & Key {
  const { id: courseId, title, description, prerequisites } = course;
  const key = { chapterId: null, readers: 'everyone' as const };
  const digest = digestOf(key, [title, description, ...prerequisites]);
  const body = [description, ...prerequisites].join('\n');
  const entry = { ...key, courseId, digest, title, headings: '', body, sections: [] };
  return { ...key, digest, make: () => Promise.resolve(entry) };
}

function chapterEntries({ id: chapterId, courseId, title, content, isPremium }: Chapter): (Wanted & Key)[] {
  const entry = (readers: Readers, text: string): Wanted & Key => {
    const key = { chapterId, readers };
    const digest = digestOf(key, [title, text]);
    const make = async () => {
      const { readChapter } = await import('./chapter-text.js');
      return { ...key, courseId, digest, title, ...readChapter(text, title) };
    };
    return { ...key, digest, make };
  };
  return isPremium ? [entry('with_plan', content), entry('without_plan', '')] : [entry('everyone', content)];
}

function digestOf(key: Key, parts: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([key.chapterId, key.readers, parts]));
  return `${INDEX_VERSION}:${hash.digest('base64url')}`;
}

/** The words of an entry's title, headings and body, as many as are indexed. */
function wordsOf({ title, headings, body }: EntryRow): Words[] {
  let left = MAX_WORDS;
  return [title, headings, body].map((text) => {
    const { words, symbols, parts } = readWords(text);
    const kept = { words: words.slice(0, left), symbols: symbols.slice(0, left), parts: parts.slice(0, left) };
    left -= kept.words.length;
    return kept;
  });
}

/** Symbols and the parts of names come after the words, so that they part no phrase. */
function indexedWords({ words, symbols, parts }: Words): string[] {
  return [...words.map(({ stem }) => stem), ...new Set(symbols), ...parts.flat().map(({ stem }) => stem)];
}

/** How many entries more or fewer hold each word. */
class WordCounts {
  private readonly counts = new Map<string, Pick<SearchWord, 'stem' | 'entries' | 'openEntries'>>();

  /** Counts an entry, or with -1 takes it away. */
  count(fields: Words[], readers: Readers, step: 1 | -1): void {
    const held = new Map<string, string>();
    for (const { words, symbols, parts } of fields) {
      for (const { form, stem } of [...words, ...parts.flat()]) held.set(form, stem);
      for (const symbol of symbols) held.set(symbol, symbol);
    }
    const openStep = readers === 'with_plan' ? 0 : step;
    for (const [word, stem] of held) {
      const { entries, openEntries } = this.counts.get(word) ?? { entries: 0, openEntries: 0 };
      this.counts.set(word, { stem, entries: entries + step, openEntries: openEntries + openStep });
    }
  }

  changes(): Omit<SearchWord, 'id'>[] {
    const changed = [...this.counts].filter(([, { entries, openEntries }]) => entries !== 0 || openEntries !== 0);
    return changed.map(([word, counted]) => ({ word, variants: spellingVariants(word).join(' '), ...counted }));
  }
}
