import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a submission was answered, so that the same one is answered the same again. */
export class SubmissionResults1764000000000 implements MigrationInterface {
  name = 'SubmissionResults1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE quiz_attempts ADD COLUMN result text NOT NULL DEFAULT '{}'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE quiz_attempts DROP COLUMN result');
  }
}
