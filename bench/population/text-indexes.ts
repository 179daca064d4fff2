import { Client } from 'pg';
import type { DatabaseAddress } from '../database.js';

/**
 * Does what fills the full-text index of a PostgreSQL database without its GIN indexes, and makes those in one go
 * afterwards: with each row they would take most of the time.
 */
export async function withoutTextIndexes({ kind, url }: DatabaseAddress, work: () => Promise<void>): Promise<void> {
  if (kind !== 'PostgreSQL') return work();
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ indexname: string; indexdef: string }>(
    "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%USING gin%'",
  );
  for (const { indexname } of rows) await client.query(`DROP INDEX ${indexname}`);
  await work();
  await client.query("SET maintenance_work_mem = '256MB'");
  for (const { indexdef } of rows) await client.query(indexdef);
  await client.end();
}
