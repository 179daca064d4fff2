import type { QueryRunner } from 'typeorm';
import { DatabaseConnection } from '../src/database/database-connection.js';
import type { TestApp } from './test-app.js';

/** Looks every now and then for what others have written. */
const LOOKS_FOR_CHANGES = 'PRAGMA data_version';

/** The SQL statements that the application sends for this work. */
export async function statementsOf(test: TestApp, work: () => Promise<unknown>): Promise<string[]> {
  const { reader } = test.app.get(DatabaseConnection);
  const prototype = Object.getPrototypeOf(reader.createQueryRunner()) as QueryRunner;
  const spy = jest.spyOn(prototype, 'query');
  try {
    await work();
    return spy.mock.calls.map(([sql]) => String(sql)).filter((sql) => sql !== LOOKS_FOR_CHANGES);
  } finally {
    spy.mockRestore();
  }
}
