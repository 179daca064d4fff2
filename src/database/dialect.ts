import type { DataSource, QueryRunner } from 'typeorm';

export type Dialect = 'postgres' | 'better-sqlite3';

/** Of the database that a migration runs on. */
export function dialectOf({ connection }: QueryRunner): Dialect {
  return isPostgres(connection) ? 'postgres' : 'better-sqlite3';
}

export function isPostgres({ options }: DataSource): boolean {
  return options.type === 'postgres';
}
