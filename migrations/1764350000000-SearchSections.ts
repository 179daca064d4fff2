import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which section of a chapter each passage is of. It is written by hand, as TypeORM would lay out SQLite's table anew,
 * without the triggers that keep its index; an entry of the version before has none until the next import or `migrate`.
 */
export class SearchSections1764350000000 implements MigrationInterface {
  name = 'SearchSections1764350000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE search_entries ADD COLUMN sections text NOT NULL DEFAULT '[]'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE search_entries DROP COLUMN sections');
  }
}
