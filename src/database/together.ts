import type { EntityManager } from 'typeorm';
import { isPostgres, Statement, type Value } from './statement.js';

type Parts = Record<string, Statement<object, string>>;
type ParametersOf<Set extends Parts> = Set[keyof Set] extends Statement<object, infer Parameter> ? Parameter : never;
type RowsOf<Set extends Parts> = {
  [Name in keyof Set]: Set[Name] extends Statement<infer Row, string> ? Row | null : never;
};

/**
 * Statements that write to different tables, none of which needs to know of the others, and that each return a row at the
 * most, of numbers and text. PostgreSQL gets them as one, as every way there and back takes longer than most of them; SQLite,
 * which is in this process, one after the other.
 */
export class Together<Set extends Parts> {
  private readonly asOne: Statement<RowsOf<Set>, ParametersOf<Set>>;

  constructor(private readonly parts: Set) {
    const names = Object.keys(parts);
    const each = names.map((name) => `${name} AS (${parts[name].text})`);
    const rows = names.map((name) => `(SELECT row_to_json(${name}) FROM ${name}) AS "${name}"`);
    this.asOne = new Statement(`WITH ${each.join(', ')} SELECT ${rows.join(', ')}`, {} as never);
  }

  /** @param manager a unit of work's */
  async rows(manager: EntityManager, values: Record<ParametersOf<Set>, Value>): Promise<RowsOf<Set>> {
    if (isPostgres(manager)) {
      const [rows] = await this.asOne.rows(manager, values);
      return rows;
    }
    const rows: Record<string, object | null> = {};
    for (const [name, part] of Object.entries(this.parts)) rows[name] = await part.row(manager, values);
    return rows as RowsOf<Set>;
  }
}
