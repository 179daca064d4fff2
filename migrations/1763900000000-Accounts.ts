import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables, dropTables, type TableDefinition } from '../src/database/table-definition.js';

/** Sessions and password resets; on PostgreSQL also what tells every process of a change of an account or a plan. */
export class Accounts1763900000000 implements MigrationInterface {
  name = 'Accounts1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    await createTables(runner, tables(dialect));
    if (dialect === 'postgres') await createTriggers(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    if (dialect === 'postgres') await dropTriggers(runner);
    await dropTables(runner, tables(dialect));
  }
}

function tables(dialect: Dialect): Record<string, TableDefinition> {
  const { key, reference, text, integer, timestamp, optional } = columnKinds(dialect);
  return {
    sessions: {
      columns: {
        id: key,
        user_id: reference,
        token_hash: text,
        previous_token_hash: optional(text),
        rotated_at: optional(timestamp),
        token_version: integer,
        address_hash: text,
        created_at: timestamp,
        expires_at: timestamp,
      },
      references: { user_id: 'users' },
      indexes: [['user_id'], ['expires_at']],
    },
    password_resets: {
      columns: { user_id: key, token_hash: text, expires_at: timestamp },
      references: { user_id: 'users' },
      unique: [['token_hash']],
    },
  };
}

/** Table → the column that holds the user's id. */
const WATCHED = { users: 'id', subscriptions: 'user_id' };

async function createTriggers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION notify_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('user_changed', to_jsonb(COALESCE(NEW, OLD)) ->> TG_ARGV[0]);
      RETURN NULL;
    END $$`);
  for (const [table, column] of Object.entries(WATCHED)) {
    await runner.query(`
      CREATE TRIGGER tr_${table}_changed AFTER INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION notify_user_changed('${column}')`);
  }
}

async function dropTriggers(runner: QueryRunner): Promise<void> {
  for (const table of Object.keys(WATCHED)) await runner.query(`DROP TRIGGER tr_${table}_changed ON ${table}`);
  await runner.query('DROP FUNCTION notify_user_changed()');
}
