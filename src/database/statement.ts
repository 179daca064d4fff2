import { CannotExecuteNotConnectedError, type EntityManager, type QueryResult } from 'typeorm';
import { isPostgres } from './dialect.js';
import { nameStatement } from './named-statements.js';

export type Value = string | number | boolean | Date | null;

/** How what SQLite keeps as text and as numbers is read; PostgreSQL's driver gives moments and flags by itself. */
const READERS = {
  moment: (stored: unknown) => new Date(`${(stored as string).replace(' ', 'T')}Z`),
  flag: (stored: unknown) => stored === 1,
};

type ColumnsOf<Row, Type> = { [Column in keyof Row]-?: Row[Column] extends Type ? Column : never }[keyof Row];

/** All moments and flags among the columns of a row. */
type Kinds<Row> = Record<ColumnsOf<Row, Date | null>, 'moment'> & Record<ColumnsOf<Row, boolean>, 'flag'>;

const PARAMETER = /:([a-z]\w*)/gi;

/**
 * A statement that is put together once, for what nearly every request asks: a query builder takes longer to write it,
 * and to make entities of its rows, than the database to do it. PostgreSQL parses it once for each connection, too. Its
 * SQL is such as both databases understand, and names its parameters `:name` and its columns as the row has them.
 */
export class Statement<Row extends object, Parameter extends string> {
  private readonly parameters: Parameter[];
  private readonly texts: { postgres: string; sqlite: string };
  private readonly readers: [column: string, read: (stored: unknown) => unknown][];

  constructor(
    readonly text: string,
    kinds: Kinds<Row>,
  ) {
    this.parameters = [...text.matchAll(PARAMETER)].map(([, name]) => name as Parameter);
    let place = 0;
    this.texts = { postgres: text.replace(PARAMETER, () => `$${++place}`), sqlite: text.replace(PARAMETER, '?') };
    this.readers = Object.entries<keyof typeof READERS>(kinds).map(([column, kind]) => [column, READERS[kind]]);
    nameStatement(this.texts.postgres);
  }

  /** @param manager a unit of work's for what writes, and for what is read in it */
  async rows(manager: EntityManager, values: Record<Parameter, Value>): Promise<Row[]> {
    const { records } = await this.send(manager, values);
    if (!isPostgres(manager.connection)) records.forEach((row) => this.read(row));
    return records;
  }

  /** The first row, or null. */
  async row(manager: EntityManager, values: Record<Parameter, Value>): Promise<Row | null> {
    return (await this.rows(manager, values)).at(0) ?? null;
  }

  /** How many rows it has written. */
  async affected(manager: EntityManager, values: Record<Parameter, Value>): Promise<number> {
    return (await this.send(manager, values)).affected ?? 0;
  }

  private async send(manager: EntityManager, values: Record<Parameter, Value>): Promise<QueryResult<Row>> {
    const { texts, parameters } = this;
    const [text, toStored] = isPostgres(manager.connection) ? [texts.postgres, asItIs] : [texts.sqlite, toSqlite];
    const sent = parameters.map((name) => toStored(values[name]));
    if (!manager.connection.isInitialized) throw new CannotExecuteNotConnectedError();
    const runner = manager.queryRunner ?? manager.connection.createQueryRunner();
    try {
      return (await runner.query(text, sent, true)) as QueryResult<Row>;
    } finally {
      if (runner !== manager.queryRunner) await runner.release();
    }
  }

  private read(row: Row): void {
    const columns = row as Record<string, unknown>;
    for (const [column, read] of this.readers) {
      if (columns[column] !== null) columns[column] = read(columns[column]);
    }
  }
}

function asItIs(value: Value): Value {
  return value;
}

function toSqlite(value: Value): Value {
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '') : value;
}
