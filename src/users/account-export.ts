import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityMetadata } from 'typeorm';

/**
 * All rows that name a user, of whatever table has a `user_id`, so that none is forgotten. Columns that are secret are
 * never selected.
 */
@Injectable()
export class AccountExport {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The rows by table, as the database names them. */
  async recordsOf(userId: string): Promise<Record<string, object[]>> {
    const tables = this.dataSource.entityMetadatas.filter(({ propertiesMap }) => 'userId' in propertiesMap);
    const entries = await Promise.all(
      tables.map(async (table): Promise<[string, object[]]> => {
        const rows = await this.dataSource.getRepository(table.target).findBy({ userId });
        return [table.tableName, rows.map((row) => asStored(table, row))];
      }),
    );
    return Object.fromEntries(entries.sort(([one], [other]) => one.localeCompare(other)));
  }
}

function asStored(table: EntityMetadata, row: object): object {
  const columns = table.columns.filter(({ isSelect, propertyName }) => isSelect && propertyName !== 'userId');
  return Object.fromEntries(
    columns.map(({ databaseName, propertyName }) => [databaseName, (row as Record<string, unknown>)[propertyName]]),
  );
}
