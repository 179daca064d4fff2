import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Dialect, dialectOf } from '../src/database/dialect.js';
import { columnKinds, createTables, dropTables, type TableDefinition } from '../src/database/table-definition.js';

/**
 * The apps that learners connect, and what the authorization server keeps. A new password and a disabled account end
 * all of it, by whatever means they come about.
 */
export class Apps1764400000000 implements MigrationInterface {
  name = 'Apps1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    await createTables(runner, tables(dialect));
    for (const statement of TRIGGERS[dialect]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner);
    const ofUsers = dialect === 'postgres' ? ' ON users' : '';
    await runner.query(`DROP TRIGGER tr_users_disconnected${ofUsers}`);
    if (dialect === 'postgres') await runner.query('DROP FUNCTION disconnect_user()');
    await dropTables(runner, tables(dialect));
  }
}

function tables(dialect: Dialect): Record<string, TableDefinition> {
  const { key, reference, text, json, timestamp, optional } = columnKinds(dialect);
  return {
    connections: {
      columns: {
        id: key,
        user_id: reference,
        client_id: text,
        client_name: optional(text),
        scopes: text,
        payload: json,
        created_at: timestamp,
        last_used_at: timestamp,
        expires_at: timestamp,
      },
      references: { user_id: 'users' },
      indexes: [['user_id'], ['client_id'], ['expires_at']],
    },
    oauth_records: {
      columns: {
        id: key,
        kind: text,
        user_id: optional(reference),
        connection_id: optional(reference),
        client_id: optional(text),
        uid: optional(text),
        payload: json,
        created_at: timestamp,
        consumed_at: optional(timestamp),
        expires_at: optional(timestamp),
      },
      references: { user_id: 'users', connection_id: 'connections' },
      indexes: [['user_id'], ['connection_id'], ['client_id'], ['uid'], ['expires_at']],
    },
  };
}

const DISCONNECT = `
  DELETE FROM oauth_records WHERE user_id = NEW.id;
  DELETE FROM connections WHERE user_id = NEW.id;`;
const IS_ENDED = 'NEW.token_version <> OLD.token_version OR NOT NEW.is_active';

const TRIGGERS: Record<Dialect, string[]> = {
  postgres: [
    `CREATE FUNCTION disconnect_user() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN ${DISCONNECT} RETURN NULL; END $$`,
    `CREATE TRIGGER tr_users_disconnected AFTER UPDATE ON users
     FOR EACH ROW WHEN (${IS_ENDED}) EXECUTE FUNCTION disconnect_user()`,
    `CREATE TRIGGER tr_connections_changed AFTER INSERT OR DELETE ON connections
     FOR EACH ROW EXECUTE FUNCTION notify_user_changed('user_id')`,
  ],
  'better-sqlite3': [
    `CREATE TRIGGER tr_users_disconnected AFTER UPDATE ON users WHEN ${IS_ENDED} BEGIN ${DISCONNECT} END`,
  ],
};
