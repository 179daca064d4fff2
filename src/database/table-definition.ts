import {
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumnOptions,
  TableForeignKey,
  TableIndex,
  TableUnique,
} from 'typeorm';
import { columnTypes } from './columns.js';
import type { Dialect } from './dialect.js';

type Columns = Record<string, Omit<TableColumnOptions, 'name'>>;

/** A table as a migration describes it. */
export interface TableDefinition {
  columns: Columns;
  /** Column → the table whose `id` it names; the rows go with what they name. */
  references?: Record<string, string>;
  /** Column → the table whose `id` it names; forgotten when that row goes. */
  links?: Record<string, string>;
  unique?: string[][];
  indexes?: string[][];
  /** Unique where a condition holds. */
  uniqueWhere?: { columns: string[]; where: string };
  checks?: Record<string, string>;
}

/** The kinds of columns that tables have, on a database of this dialect. */
export function columnKinds(dialect: Dialect) {
  const type = columnTypes(dialect);
  const timestamp = { type: type.timestamp };
  return {
    key: { type: type.key, length: '128', isPrimary: true },
    serial: { type: type.integer, isPrimary: true, isGenerated: true, generationStrategy: 'increment' as const },
    reference: { type: type.key, length: '128' },
    text: { type: type.text },
    sortedText: { type: type.text, collation: type.collation },
    integer: { type: type.integer },
    number: { type: type.number },
    boolean: { type: type.boolean },
    json: { type: type.json },
    timestamp,
    recorded: { created_at: timestamp, updated_at: timestamp },
    optional: <T extends object>(column: T) => ({ ...column, isNullable: true }),
  };
}

/** Makes tables, each after those that it names. */
export async function createTables(runner: QueryRunner, tables: Record<string, TableDefinition>): Promise<void> {
  for (const [name, definition] of Object.entries(tables)) await runner.createTable(toTable(name, definition));
}

/** Drops tables, each before those that it names. */
export async function dropTables(runner: QueryRunner, tables: Record<string, TableDefinition>): Promise<void> {
  for (const name of Object.keys(tables).reverse()) await runner.dropTable(name);
}

/** The table of this name, its constraints and indexes named after it. */
function toTable(name: string, definition: TableDefinition): Table {
  const { columns, references = {}, links = {}, unique = [], indexes = [], uniqueWhere, checks = {} } = definition;
  const foreignKey =
    (onDelete: string) =>
    ([column, table]: [string, string]) =>
      new TableForeignKey({
        name: `fk_${name}_${column}`,
        columnNames: [column],
        referencedTableName: table,
        referencedColumnNames: ['id'],
        onDelete,
      });
  return new Table({
    name,
    columns: Object.entries(columns).map(([column, options]) => ({
      name: column,
      ...options,
      ...(options.isPrimary && { primaryKeyConstraintName: `pk_${name}` }),
    })),
    foreignKeys: [
      ...Object.entries(references).map(foreignKey('CASCADE')),
      ...Object.entries(links).map(foreignKey('SET NULL')),
    ],
    uniques: unique.map((columnNames) => new TableUnique({ name: `uq_${name}_${columnNames.join('_')}`, columnNames })),
    checks: Object.entries(checks).map(
      ([column, expression]) => new TableCheck({ name: `ck_${name}_${column}`, expression }),
    ),
    indices: [
      ...indexes.map((columnNames) => new TableIndex({ name: `ix_${name}_${columnNames.join('_')}`, columnNames })),
      ...(uniqueWhere
        ? [
            new TableIndex({
              name: `uq_${name}_active`,
              columnNames: uniqueWhere.columns,
              where: uniqueWhere.where,
              isUnique: true,
            }),
          ]
        : []),
    ],
  });
}
