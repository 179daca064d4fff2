import { DATABASE_PREFIX, KEY_PREFIX, onPostgres, onRedis } from './services.js';

/** Drops whatever databases and keys this run left behind. */
export default async function tearDown(): Promise<void> {
  if (process.env.TEST_STORES?.includes('redis')) {
    await onRedis(async (client) => {
      const keys = await client.keys(`${KEY_PREFIX}${process.env.TEST_RUN}:*`);
      if (keys.length > 0) await client.del(keys);
    });
  }
  if (!process.env.TEST_DATABASES?.includes('postgres')) return;
  await onPostgres(async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database WHERE datname LIKE $1', [
      `${DATABASE_PREFIX}${process.env.TEST_RUN}%`,
    ]);
    for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
  });
}
