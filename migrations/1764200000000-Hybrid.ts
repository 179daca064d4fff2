import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables, dropTables, type TableDefinition } from '../src/database/table-definition.js';

/** The ledger of model calls, and the mentor's sessions. */
export class Hybrid1764200000000 implements MigrationInterface {
  name = 'Hybrid1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, tables(dialectOf(runner)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, tables(dialectOf(runner)));
  }
}

function tables(dialect: Dialect): Record<string, TableDefinition> {
  const { key, serial, reference, text, integer, number, boolean, timestamp, recorded, optional } =
    columnKinds(dialect);
  return {
    llm_calls: {
      columns: {
        id: key,
        user_id: optional(reference),
        feature: text,
        session_id: optional(reference),
        provider: text,
        model: text,
        state: text,
        is_counted: boolean,
        input_tokens: optional(integer),
        output_tokens: optional(integer),
        reserved_usd: number,
        cost_usd: optional(number),
        latency_ms: optional(integer),
        request_id: text,
        day: text,
        created_at: timestamp,
        ended_at: optional(timestamp),
      },
      links: { user_id: 'users' },
      indexes: [['user_id', 'day', 'feature'], ['day'], ['state', 'created_at']],
      checks: { state: "state IN ('reserved', 'settled', 'released', 'unknown')" },
    },
    mentor_sessions: {
      columns: {
        id: key,
        user_id: reference,
        course_id: reference,
        turns: integer,
        spent_usd: number,
        busy_since: optional(timestamp),
        ...recorded,
      },
      references: { user_id: 'users', course_id: 'courses' },
      indexes: [['user_id'], ['course_id']],
    },
    mentor_turns: {
      columns: { id: serial, session_id: reference, question: text, answer: text, created_at: timestamp },
      references: { session_id: 'mentor_sessions' },
      indexes: [['session_id']],
    },
  };
}
