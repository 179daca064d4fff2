import { parentPort, workerData } from 'node:worker_threads';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';

export interface Question {
  id: number;
  sql: string;
  parameters: unknown[];
}

/** The rows, or what the driver said instead. */
export type Answer = { id: number } & ({ rows: unknown[] } | { message: string; code: string });

let database: Database | undefined;
const statements = new Map<string, Statement>();

/** Opened with the first question, so that what cannot be opened is told to whoever asks. */
function read(sql: string, parameters: unknown[]): unknown[] {
  database ??= new Sqlite(workerData as string, { readonly: true, timeout: 100 });
  const statement = statements.get(sql) ?? database.prepare(sql);
  statements.set(sql, statement);
  return statement.all(...parameters);
}

parentPort?.on('message', ({ id, sql, parameters }: Question) => {
  try {
    parentPort?.postMessage({ id, rows: read(sql, parameters) } satisfies Answer);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    parentPort?.postMessage({ id, message, code: code ?? '' } satisfies Answer);
  }
});
