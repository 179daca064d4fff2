import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Course } from '../courses/course.entity.js';
import { isPostgres } from '../database/dialect.js';
import { type Readers, SearchEntry } from './search-entry.entity.js';
import type { SearchWord } from './search-word.entity.js';
import { IN_TITLE, type Kind, tagOf } from './search-sql.js';

/** The words of an entry as the index takes them. */
export interface IndexRow {
  id: number;
  readers: Readers;
  kind: Kind;
  courseId: string;
  title: string[];
  headings: string[];
  body: string[];
}

/** PostgreSQL keeps no place of a word beyond this, and 1 MB in all. */
const MAX_PLACES = 16_383;
/** Between the places of two fields, so that no phrase crosses from one to the next. */
const FIELD_GAP = 2;

/** Any number will do, as long as it is always the same: it names the lock. */
const INDEX_LOCK = 7_214_906_114;

/** What the full-text indexes are made of, in the transaction of whoever changes a course. */
@Injectable()
export class SearchIndexRepository {
  /** Lets one transaction at a time change the index, as all of them count the same words. */
  async lock(manager: EntityManager): Promise<void> {
    if (isPostgres(manager.connection)) await manager.query('SELECT pg_advisory_xact_lock($1)', [INDEX_LOCK]);
  }

  /** The ids of the courses to study whose entries were made by another version of the index, or never. */
  async findOutdated(manager: EntityManager, version: number): Promise<string[]> {
    const current = manager
      .createQueryBuilder(SearchEntry, 'entry')
      .select('entry.courseId')
      .where('entry.chapterId IS NULL')
      .andWhere('entry.digest LIKE :version', { version: `${version}:%` });
    const courses = await manager
      .createQueryBuilder(Course, 'course')
      .select('course.id')
      .where('course.published = :published AND course.retiredAt IS NULL', { published: true })
      .andWhere(`course.id NOT IN (${current.getQuery()})`)
      .setParameters(current.getParameters())
      .getMany();
    return courses.map(({ id }) => id);
  }

  /** Indexes entries that were stored before, in the same transaction. */
  async index(manager: EntityManager, rows: IndexRow[]): Promise<void> {
    if (isPostgres(manager.connection)) {
      await manager.query(INDEX_IN_POSTGRES, [JSON.stringify(rows.map(toVectors))]);
      return;
    }
    const isClosed = ({ readers }: IndexRow) => readers === 'with_plan';
    const store = (table: string, some: IndexRow[]) =>
      manager.query(indexInSqlite(table), [JSON.stringify(some.map(toColumns))]);
    await store(
      'search_index',
      rows.filter((row) => !isClosed(row)),
    );
    await store('search_closed_index', rows.filter(isClosed));
  }

  /** Adds to, or with a negative number takes from, how many entries hold each word. */
  async countWords(manager: EntityManager, words: Omit<SearchWord, 'id'>[]): Promise<void> {
    await manager.query(isPostgres(manager.connection) ? COUNT_WORDS_IN_POSTGRES : COUNT_WORDS_IN_SQLITE, [
      JSON.stringify(words.map(({ openEntries, ...word }) => ({ ...word, open_entries: openEntries }))),
    ]);
    if (words.some(({ entries }) => entries < 0)) await manager.query('DELETE FROM search_words WHERE entries <= 0');
  }
}

const INDEX_IN_POSTGRES = `
  INSERT INTO search_index (entry_id, readers, kind, course_id, title, vector)
  SELECT id, readers, kind, course_id, title::tsvector, vector::tsvector
  FROM json_to_recordset($1) AS row (id integer, readers text, kind text, course_id text, title text, vector text)`;

const ADD_COUNTS = `ON CONFLICT (word) DO UPDATE SET
    entries = search_words.entries + excluded.entries,
    open_entries = search_words.open_entries + excluded.open_entries`;

const COUNT_WORDS_IN_POSTGRES = `
  INSERT INTO search_words (word, stem, variants, entries, open_entries)
  SELECT word, stem, variants, entries, open_entries FROM json_to_recordset($1)
    AS row (word text, stem text, variants text, entries integer, open_entries integer)
  ${ADD_COUNTS}`;

function toVectors({ id, readers, kind, courseId, title, headings, body }: IndexRow) {
  const places = new Map<string, string[]>();
  let place = 0;
  for (const [words, weight] of [
    [title, 'A'],
    [headings, 'B'],
    [body, 'D'],
  ] as const) {
    for (const word of words) {
      if (++place > MAX_PLACES) break;
      const known = places.get(word);
      if (known) known.push(`${place}${weight}`);
      else places.set(word, [`${place}${weight}`]);
    }
    place += FIELD_GAP;
  }
  const vector = Array.from(places, ([word, found]) => `'${word}':${found.join(',')}`).join(' ');
  return {
    id,
    readers,
    kind,
    course_id: courseId,
    title: title.map((word, index) => `'${word}':${index + 1}`).join(' '),
    vector,
  };
}

const indexInSqlite = (table: string) => `
  INSERT INTO ${table} (rowid, title, headings, body, tags)
  SELECT value ->> 'id', value ->> 'title', value ->> 'headings', value ->> 'body', value ->> 'tags' FROM json_each(?)`;

const COUNT_WORDS_IN_SQLITE = `
  INSERT INTO search_words (word, stem, variants, entries, open_entries)
  SELECT value ->> 'word', value ->> 'stem', value ->> 'variants', value ->> 'entries', value ->> 'open_entries'
  FROM json_each(?) WHERE true
  ${ADD_COUNTS}`;

/** What stands in `tags` begins with a mark that no word begins with. The title's words have short lists there. */
function toColumns({ id, readers, kind, title, headings, body }: IndexRow) {
  const tags = [...[kind, readers].map(tagOf), ...title.map((word) => IN_TITLE + word)].join(' ');
  return { id, title: title.join(' '), headings: headings.join(' '), body: body.join(' '), tags };
}
