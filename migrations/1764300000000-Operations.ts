import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TableIndex } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables } from '../src/database/table-definition.js';

/**
 * The name of the state that the content is in, which every change replaces, whoever makes it; and what the count of
 * active learners reads.
 */
export class Operations1764300000000 implements MigrationInterface {
  name = 'Operations1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    const { text, integer } = columnKinds(dialect);
    const columns = { id: { ...integer, isPrimary: true }, revision: text };
    await createTables(runner, { content_revision: { columns } });
    await runner.query(`INSERT INTO content_revision (id, revision) VALUES (1, ${NEW_REVISION[dialect]})`);
    await (dialect === 'postgres' ? createPostgresTriggers(runner) : createSqliteTriggers(runner));
    await runner.createIndex('user_progress', ACTIVE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('user_progress', ACTIVE);
    const dialect = dialectOf(runner);
    for (const table of WATCHED) {
      if (dialect === 'postgres') await runner.query(`DROP TRIGGER tr_${table}_revised ON ${table}`);
      else for (const change of CHANGES) await runner.query(`DROP TRIGGER tr_${table}_revised_by_${change}`);
    }
    if (dialect === 'postgres') await runner.query('DROP FUNCTION revise_content()');
    await runner.dropTable('content_revision');
  }
}

const WATCHED = ['courses', 'chapters', 'quizzes', 'search_entries'];
const CHANGES = ['insert', 'update', 'delete'];

const NEW_REVISION: Record<Dialect, string> = {
  postgres: 'gen_random_uuid()::text',
  'better-sqlite3': 'lower(hex(randomblob(16)))',
};

const ACTIVE = new TableIndex({
  name: 'ix_user_progress_last_accessed_user_id',
  columnNames: ['last_accessed', 'user_id'],
});

async function createPostgresTriggers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION revise_content() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE content_revision SET revision = ${NEW_REVISION.postgres};
      PERFORM pg_notify('content_changed', '');
      RETURN NULL;
    END $$`);
  for (const table of WATCHED) {
    await runner.query(`
      CREATE TRIGGER tr_${table}_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION revise_content()`);
  }
}

/** SQLite has triggers for rows alone, and a trigger for one kind of change. */
async function createSqliteTriggers(runner: QueryRunner): Promise<void> {
  for (const table of WATCHED) {
    for (const change of CHANGES) {
      await runner.query(`
        CREATE TRIGGER tr_${table}_revised_by_${change} AFTER ${change} ON ${table}
        BEGIN UPDATE content_revision SET revision = ${NEW_REVISION['better-sqlite3']}; END`);
    }
  }
}
