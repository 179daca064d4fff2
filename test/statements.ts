import type { QueryRunner } from 'typeorm';
import { DatabaseConnection } from '../src/database/database-connection.js';
import type { TestApp } from './test-app.js';

/** The SQL statements that the application sends while it works. */
export async function statementsOf(test: TestApp, work: () => Promise<unknown>): Promise<string[]> {
  const { reader } = test.app.get(DatabaseConnection);
  const prototype = Object.getPrototypeOf(reader.createQueryRunner()) as QueryRunner;
  const spy = jest.spyOn(prototype, 'query');
  try {
    await work();
    return spy.mock.calls.map(([sql]) => String(sql));
  } finally {
    spy.mockRestore();
  }
}
