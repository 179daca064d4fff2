import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import type { DatabaseAddress } from '../database.js';

/** Column → value; a moment or a boolean is written as the database keeps it. */
export type Row = Record<string, string | number | boolean | Date | null>;

/** Writes very many rows past the application. */
export interface Bulk {
  insert(table: string, rows: Row[]): Promise<void>;
  close(): Promise<void>;
}

export async function openBulk({ kind, url }: DatabaseAddress): Promise<Bulk> {
  if (kind === 'SQLite') return intoSqlite(new Sqlite(url.replace('sqlite:', '')));
  const client = new Client({ connectionString: url });
  await client.connect();
  return intoPostgres(client);
}

function intoSqlite(database: Sqlite.Database): Bulk {
  // Nothing is lost that could not be made again, and a chapter is linked to the next one before that is there.
  database.pragma('synchronous = OFF');
  database.pragma('foreign_keys = OFF');
  const insert = (table: string, rows: Row[]) => {
    if (rows.length === 0) return;
    const columns = Object.keys(rows[0]);
    const values = columns.map(() => '?').join(', ');
    const statement = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`);
    database.transaction(() => {
      for (const row of rows) statement.run(columns.map((column) => asSqlite(row[column])));
    })();
  };
  return {
    insert: (table, rows) => Promise.resolve(insert(table, rows)),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

function intoPostgres(client: Client): Bulk {
  return {
    insert: async (table, rows) => {
      if (rows.length === 0) return;
      const columns = Object.keys(rows[0]).join(', ');
      await client.query(
        `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
        [JSON.stringify(rows)],
      );
    },
    close: async () => {
      await client.query('VACUUM ANALYZE');
      await client.end();
    },
  };
}

function asSqlite(value: Row[string]): string | number | null {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  return typeof value === 'boolean' ? Number(value) : value;
}
