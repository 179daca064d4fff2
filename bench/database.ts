import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

const POSTGRES_URL = process.env.BENCH_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export type DatabaseKind = 'SQLite' | 'PostgreSQL';

/** Where a database is. */
export interface DatabaseAddress {
  kind: DatabaseKind;
  url: string;
}

/** A database that the bench has made for itself. */
export interface BenchDatabase extends DatabaseAddress {
  /** For logs and what else goes with the database. */
  folder: string;
  drop(): Promise<void>;
}

/** The kinds of databases that can be measured here. */
export async function availableKinds(): Promise<DatabaseKind[]> {
  try {
    await onServer(() => Promise.resolve());
    return ['SQLite', 'PostgreSQL'];
  } catch (error) {
    console.log(`PostgreSQL is left out: nobody answers at BENCH_POSTGRES_URL (${(error as Error).message})`);
    return ['SQLite'];
  }
}

let made = 0;

export async function createDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-bench-'));
  const removeFolder = () => rmSync(folder, { recursive: true });
  if (kind === 'SQLite') {
    const url = `sqlite:${join(folder, 'bench.db')}`;
    return { kind, url, folder, drop: () => Promise.resolve(removeFolder()) };
  }
  const name = `course_companion_bench_${process.pid}_${++made}`;
  await onServer((client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(POSTGRES_URL);
  url.pathname = name;
  const drop = async () => {
    await onServer((client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    removeFolder();
  };
  return { kind, url: url.href, folder, drop };
}

async function onServer(work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 3000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
