import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { Statement, type Value } from './statement.js';

type Insert = Statement<object, string>;

/** Of each entity, by the columns that it sets. */
const inserts = new WeakMap<EntityMetadata, Map<string, Insert>>();

/**
 * Inserts a row unless one with the same key is there already, whoever else may be inserting it at this moment.
 * @returns whether it was inserted
 */
export async function insertNew<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  row: Partial<Entity>,
): Promise<boolean> {
  const { driver } = manager.connection;
  const metadata = manager.connection.getMetadata(target);
  const columns = metadata.columns.filter(({ propertyName }) => row[propertyName] !== undefined);
  const values: Record<string, Value> = {};
  for (const column of columns) {
    values[column.databaseName] = driver.preparePersistentValue(row[column.propertyName], column) as Value;
  }
  return (await insertInto(metadata, columns).affected(manager, values)) > 0;
}

function insertInto(metadata: EntityMetadata, columns: ColumnMetadata[]): Insert {
  const names = columns.map(({ databaseName }) => databaseName);
  const known = inserts.get(metadata) ?? new Map<string, Insert>();
  inserts.set(metadata, known);
  const insert = known.get(names.join()) ?? new Statement(writeInsert(metadata.tableName, names), {});
  known.set(names.join(), insert);
  return insert;
}

function writeInsert(table: string, columns: string[]): string {
  const parameters = columns.map((column) => `:${column}`);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${parameters.join(', ')}) ON CONFLICT DO NOTHING`;
}
