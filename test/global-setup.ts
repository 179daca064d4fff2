import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onPostgres } from './services.js';

/** Finds out what the tests can run against. In CI a missing service is a failure; elsewhere it is said and passed over. */
export default async function setUp(): Promise<void> {
  const kinds = ['sqlite'];
  try {
    await onPostgres((client) => client.query('SELECT 1'));
    kinds.push('postgres');
  } catch (error) {
    if (process.env.CI === 'true') throw new Error('PostgreSQL must run in CI', { cause: error });
    console.warn('\nPostgreSQL was not found: its tests are skipped (TEST_POSTGRES_URL says where it is).');
  }
  if (!existsSync(join(__dirname, '../../shared/courses'))) {
    console.warn('\nThe folder ../shared was not found: the tests with the courses in it are skipped.');
  }
  process.env.TEST_DATABASES = kinds.join(',');
  process.env.TEST_RUN = `${process.pid}_${Date.now().toString(36)}`;
}
