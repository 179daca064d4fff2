import type { MigrationInterface, QueryRunner } from 'typeorm';

const OF_A_COURSE = ['course_id', 'position'];
/** All that is asked of a course's rows when they are counted. */
const COVERING = {
  chapters: [...OF_A_COURSE, 'retired_at', 'id'],
  quizzes: [...OF_A_COURSE, 'retired_at'],
};

/**
 * Chapters and quizzes of a course are counted by their index alone: whether one is retired stands behind its text,
 * which SQLite would read through.
 */
export class CoveringIndexes1764600000000 implements MigrationInterface {
  name = 'CoveringIndexes1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COVERING)) {
      await createIndex(runner, table, columns);
      await dropIndex(runner, table, OF_A_COURSE);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COVERING)) {
      await createIndex(runner, table, OF_A_COURSE);
      await dropIndex(runner, table, columns);
    }
  }
}

async function createIndex(runner: QueryRunner, table: string, columns: string[]): Promise<void> {
  await runner.query(`CREATE INDEX ${nameOf(table, columns)} ON ${table} (${columns.join(', ')})`);
}

async function dropIndex(runner: QueryRunner, table: string, columns: string[]): Promise<void> {
  await runner.query(`DROP INDEX ${nameOf(table, columns)}`);
}

function nameOf(table: string, columns: string[]): string {
  return `ix_${table}_${columns.join('_')}`;
}
