import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables, dropTables, type TableDefinition } from '../src/database/table-definition.js';

/** What can be found, the words of it, and each database's own index of both. */
export class Search1764100000000 implements MigrationInterface {
  name = 'Search1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    await createTables(runner, tables(dialect));
    for (const statement of INDEXES[dialect]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    await runner.query('DROP TABLE search_index');
    if (dialect === 'better-sqlite3') await runner.query('DROP TABLE search_closed_index');
    await runner.query(dialect === 'postgres' ? 'DROP FUNCTION search_words_alike' : 'DROP TABLE search_spellings');
    await dropTables(runner, tables(dialect));
  }
}

function tables(dialect: Dialect): Record<string, TableDefinition> {
  const { serial, reference, text, sortedText, integer, optional } = columnKinds(dialect);
  return {
    search_entries: {
      columns: {
        id: serial,
        course_id: reference,
        chapter_id: optional(reference),
        readers: text,
        digest: text,
        title: text,
        headings: text,
        body: text,
      },
      references: { course_id: 'courses', chapter_id: 'chapters' },
      indexes: [['course_id'], ['chapter_id']],
      checks: { readers: "readers IN ('everyone', 'with_plan', 'without_plan')" },
    },
    search_words: {
      columns: {
        id: serial,
        word: sortedText,
        stem: sortedText,
        variants: text,
        entries: integer,
        open_entries: integer,
      },
      unique: [['word']],
      indexes: [['stem']],
    },
  };
}

const fts5 = (name: string) => `
  CREATE VIRTUAL TABLE ${name} USING fts5 (
    title, headings, body, tags, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_+#[@!'"
  )`;

/**
 * PostgreSQL: the vectors are kept apart from what a filter reads, uncompressed. Without statistics a match is always
 * taken for a rare one, so that the planner uses the index and never reads every vector; the function does the same for
 * the words.
 *
 * SQLite: the index keeps no text, and takes what it is given apart at spaces alone; in `tags` stand the readers,
 * the kind and the words of the title. What is for those with a plan alone has an index of its own, as bm25 weighs a word by all that an index
 * holds. They follow their tables by triggers, as a foreign key cannot reach them.
 */
const INDEXES: Record<Dialect, string[]> = {
  postgres: [
    `CREATE TABLE search_index (
      entry_id integer CONSTRAINT pk_search_index PRIMARY KEY
        CONSTRAINT fk_search_index_entry_id REFERENCES search_entries ON DELETE CASCADE,
      readers text NOT NULL,
      kind text NOT NULL,
      course_id text NOT NULL,
      title tsvector NOT NULL,
      vector tsvector NOT NULL
    ) WITH (toast_tuple_target = 128)`,
    'ALTER TABLE search_index ALTER vector SET STORAGE EXTERNAL, ALTER vector SET STATISTICS 0, ALTER title SET STATISTICS 0',
    'CREATE INDEX ix_search_index_vector ON search_index USING gin (vector) WITH (fastupdate = off)',
    'CREATE INDEX ix_search_index_title ON search_index USING gin (title) WITH (fastupdate = off)',
    "CREATE INDEX ix_search_words_variants ON search_words USING gin (string_to_array(variants, ' ')) WITH (fastupdate = off)",
    `CREATE FUNCTION search_words_alike(text[]) RETURNS SETOF search_words
      LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT * FROM search_words WHERE string_to_array(variants, ' ') && $1
      $$`,
  ],
  'better-sqlite3': [
    fts5('search_index'),
    fts5('search_closed_index'),
    `CREATE TRIGGER tr_search_entries_removed AFTER DELETE ON search_entries BEGIN
      DELETE FROM search_index WHERE rowid = OLD.id;
      DELETE FROM search_closed_index WHERE rowid = OLD.id;
    END`,
    `CREATE VIRTUAL TABLE search_spellings USING fts5 (
      variants, content = '', contentless_delete = 1, detail = none, tokenize = ascii
    )`,
    `CREATE TRIGGER tr_search_words_added AFTER INSERT ON search_words WHEN NEW.variants <> '' BEGIN
      INSERT INTO search_spellings (rowid, variants) VALUES (NEW.id, NEW.variants);
    END`,
    `CREATE TRIGGER tr_search_words_removed AFTER DELETE ON search_words WHEN OLD.variants <> '' BEGIN
      DELETE FROM search_spellings WHERE rowid = OLD.id;
    END`,
  ],
};
