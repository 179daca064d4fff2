import { Redis } from 'ioredis';
import { Client } from 'pg';

/** A PostgreSQL server on which the tests may create databases of their own. */
export const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

/** Databases of the tests begin with this, so that what a crashed run left can be told. */
export const DATABASE_PREFIX = 'course_companion_test_';

/** Runs SQL on the server's own database. */
export async function onPostgres<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server with another database. */
export function postgresUrl(database: string): string {
  const url = new URL(POSTGRES_URL);
  url.pathname = `/${database}`;
  return url.href;
}

/** A Redis server on which the tests may keep keys of their own. */
export const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** Keys of the tests begin with this. */
export const KEY_PREFIX = 'course-companion-test:';

/** Sends commands to the server. */
export async function onRedis<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(REDIS_URL, { lazyConnect: true, connectTimeout: 2000, retryStrategy: null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** All that is stored in Redis under keys that begin so, as one text. */
export function valuesInRedis(prefix: string): Promise<{ count: number; text: string }> {
  return onRedis(async (redis) => {
    const keys = await redis.keys(`${prefix}*`);
    const values = await Promise.all(
      keys.map(async (key) => {
        if ((await redis.type(key)) === 'hash') return JSON.stringify(await redis.hgetall(key));
        return String(await redis.getBuffer(key));
      }),
    );
    return { count: keys.length, text: [...keys, ...values].join('\n') };
  });
}
