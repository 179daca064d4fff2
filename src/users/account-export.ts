import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityMetadata, type ObjectLiteral } from 'typeorm';

/**
 * All rows that name a user, of whatever table has a `user_id` or refers to one that has, so that none is forgotten.
 * Columns that are secret are never selected.
 */
@Injectable()
export class AccountExport {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The rows by table, as the database names them. */
  async recordsOf(userId: string): Promise<Record<string, object[]>> {
    const found = this.dataSource.entityMetadatas.map(async (table): Promise<[string, object[]][]> => {
      const where = ownedBy(userId, table);
      if (!where) return [];
      const rows = await this.dataSource.getRepository(table.target).findBy(where);
      return [[table.tableName, rows.map((row) => asStored(table, row))]];
    });
    const tables = (await Promise.all(found)).flat();
    return Object.fromEntries(tables.sort(([one], [other]) => one.localeCompare(other)));
  }
}

/** What finds a user's rows of a table; null for a table that has none of any user's. */
function ownedBy(userId: string, table: EntityMetadata): ObjectLiteral | null {
  if (hasUser(table)) return { userId };
  const owner = table.manyToOneRelations.find(({ inverseEntityMetadata }) => hasUser(inverseEntityMetadata));
  return owner ? { [owner.propertyName]: { userId } } : null;
}

function hasUser({ propertiesMap }: EntityMetadata): boolean {
  return 'userId' in propertiesMap;
}

function asStored(table: EntityMetadata, row: ObjectLiteral): object {
  const columns = table.columns.filter(({ isSelect, propertyName }) => isSelect && propertyName !== 'userId');
  return Object.fromEntries(
    columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName] as unknown]),
  );
}
