import Sqlite from 'better-sqlite3';
import { Pool } from 'pg';

/** Named parameters, of which a statement takes those that it names. */
export type Values = Record<string, string | number>;

/** A database without anything between: statements are prepared once, and name their parameters `:name`. */
export interface Sql {
  isSqlite: boolean;
  read<Row>(statement: string, values: Values): Promise<Row[]> | Row[];
  /** Runs all of the statements or none, as durably as ours; gives what the last one returns. */
  write<Row>(statements: string[], values: Values): Promise<Row[]> | Row[];
  /** A moment as it is stored. */
  stored(moment: Date): string;
}

export function openSql(url: string): Sql {
  return url.startsWith('sqlite:') ? onSqlite(new Sqlite(url.slice('sqlite:'.length))) : onPostgres(url);
}

function onSqlite(database: Sqlite.Database): Sql {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const prepared = new Map<string, Sqlite.Statement>();
  const run = (text: string, values: Values) => {
    let statement = prepared.get(text);
    if (!statement) prepared.set(text, (statement = database.prepare(text)));
    return statement.reader ? statement.all(values) : (statement.run(values), []);
  };
  const write = database.transaction((statements: string[], values: Values) =>
    statements.map((statement) => run(statement, values)).at(-1),
  );
  return {
    isSqlite: true,
    read: <Row>(statement: string, values: Values) => run(statement, values) as Row[],
    write: <Row>(statements: string[], values: Values) => write.immediate(statements, values) as Row[],
    stored: (moment) => moment.toISOString().replace('T', ' ').replace('Z', ''),
  };
}

function onPostgres(url: string): Sql {
  const pool = new Pool({ connectionString: url, max: 10 });
  const prepared = new Map<string, { name: string; text: string; names: string[] }>();
  const read = async <Row>(statement: string, values: Values) => {
    let query = prepared.get(statement);
    if (!query) prepared.set(statement, (query = { name: `s${prepared.size}`, ...numbered(statement) }));
    const { name, text, names } = query;
    return (await pool.query({ name, text, values: names.map((key) => values[key]) })).rows as Row[];
  };
  return {
    isSqlite: false,
    read,
    write: (statements, values) => read(asOne(statements), values),
    stored: (moment) => moment.toISOString(),
  };
}

/** One statement is a transaction by itself, and one way there and back. */
function asOne(statements: string[]): string {
  const others = statements.slice(0, -1).map((statement, index) => `part_${index} AS (${statement})`);
  return `${others.length > 0 ? `WITH ${others.join(', ')} ` : ''}${statements.at(-1)}`;
}

function numbered(statement: string): { text: string; names: string[] } {
  const names: string[] = [];
  const text = statement.replace(/:([a-z]\w*)/gi, (_parameter, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

/** A stored moment, which SQLite keeps as text, as JSON has it. */
export function toMoment(stored: string | Date): string {
  return typeof stored === 'string' ? `${stored.replace(' ', 'T')}Z` : stored.toISOString();
}
