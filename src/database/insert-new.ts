import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/**
 * Inserts a row unless one with the same key is there already, whoever else may be inserting it at this moment.
 * @returns whether it was inserted
 */
export async function insertNew<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  row: QueryDeepPartialEntity<Entity>,
): Promise<boolean> {
  const { propertyName } = manager.connection.getMetadata(target).primaryColumns[0];
  const insert = manager.createQueryBuilder().insert().into(target).values(row).orIgnore();
  if (manager.connection.options.type === 'postgres') {
    const result = await insert.returning([propertyName]).execute();
    return (result.raw as object[]).length > 0;
  }
  await insert.updateEntity(false).execute();
  const [{ inserted }] = await manager.query<{ inserted: number }[]>('SELECT changes() AS inserted');
  return inserted > 0;
}
