import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';

const SORTED_BY = ['sort_title', 'created_at'];

/** As the list of courses asks for it: SQLite takes such an index for the very same words alone. */
const LISTED: Record<Dialect, string> = {
  postgres: 'published AND retired_at IS NULL',
  'better-sqlite3': 'published = 1 AND retired_at IS NULL',
};

/**
 * The indexes that courses are listed by hold those alone that are: SQLite then passes over pages without reading them.
 */
export class CourseLists1764500000000 implements MigrationInterface {
  name = 'CourseLists1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    const listed = LISTED[dialectOf(runner)];
    for (const column of SORTED_BY) await replaceIndex(runner, column, ` WHERE ${listed}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of SORTED_BY) await replaceIndex(runner, column, '');
  }
}

async function replaceIndex(runner: QueryRunner, column: string, where: string): Promise<void> {
  const index = `ix_courses_${column}_id`;
  await runner.query(`DROP INDEX ${index}`);
  await runner.query(`CREATE INDEX ${index} ON courses (${column}, id)${where}`);
}
