import { onPostgres, onRedis } from './services.js';
import { HAS_SHARED_COURSES } from './shared-courses.js';

/**
 * Finds out what the tests can run against. In CI a missing service is a failure; elsewhere it is said and passed over.
 */
export default async function setUp(): Promise<void> {
  const hasPostgres = await isThere('PostgreSQL', 'TEST_POSTGRES_URL', () =>
    onPostgres((client) => client.query('SELECT 1')),
  );
  const hasRedis = await isThere('Redis', 'TEST_REDIS_URL', () => onRedis((client) => client.ping()));
  if (!HAS_SHARED_COURSES) {
    console.warn('\nThe folder ../shared was not found: the tests with the courses in it are skipped.');
  }
  process.env.TEST_DATABASES = hasPostgres ? 'sqlite,postgres' : 'sqlite';
  process.env.TEST_STORES = hasRedis ? 'memory,redis' : 'memory';
  process.env.TEST_RUN = `${process.pid}_${Date.now().toString(36)}`;
}

async function isThere(name: string, variable: string, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (process.env.CI === 'true') throw new Error(`${name} must run in CI`, { cause: error });
    console.warn(`\n${name} was not found: its tests are skipped (${variable} says where it is).`);
    return false;
  }
}
