import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { Client } from 'pg';

/** A checksum of each row of each table, as of one moment. */
export class Rows {
  private constructor(
    private readonly checksums: Set<string>,
    readonly tables: number,
  ) {}

  static async of(databaseUrl: string): Promise<Rows> {
    const tables = databaseUrl.startsWith('sqlite:') ? readSqlite(databaseUrl) : await readPostgres(databaseUrl);
    const checksums = tables.flatMap(({ name, rows }) =>
      rows.map((row) => createHash('sha256').update(name).update('\0').update(row).digest('hex')),
    );
    return new Rows(new Set(checksums), tables.length);
  }

  get count(): number {
    return this.checksums.size;
  }

  /** How many of these rows the other does not have. */
  missingIn(other: Rows): number {
    return [...this.checksums].filter((checksum) => !other.checksums.has(checksum)).length;
  }
}

interface Table {
  name: string;
  /** Each as JSON. */
  rows: string[];
}

/** Not SQLite's own, which count; what a virtual table keeps stands in tables of its own. */
const SQLITE_TABLES = `
  SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'`;

function readSqlite(url: string): Table[] {
  const database = new Sqlite(url.replace('sqlite:', ''), { fileMustExist: true });
  try {
    const tables = database.prepare<[], string>(SQLITE_TABLES).pluck();
    return database.transaction(() =>
      tables.all().map((name) => {
        const rows = database.prepare(`SELECT * FROM "${name}"`).all();
        return { name, rows: rows.map((row) => JSON.stringify(row)) };
      }),
    )();
  } finally {
    database.close();
  }
}

async function readPostgres(url: string): Promise<Table[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows: names } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    const tables: Table[] = [];
    for (const { name } of names) {
      const { rows } = await client.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`);
      tables.push({ name, rows: rows.map(({ row }) => row) });
    }
    return tables;
  } finally {
    await client.end();
  }
}
