import type { ObjectLiteral, Repository } from 'typeorm';

/** How many rows that are not retired each course has; a course without any is not in the map. */
export async function countByCourse(
  repository: Repository<ObjectLiteral & { courseId: string; retiredAt: Date | null }>,
  courseIds: string[],
): Promise<Map<string, number>> {
  if (courseIds.length === 0) return new Map();
  const rows = await repository
    .createQueryBuilder('row')
    .select('row.courseId', 'courseId')
    .addSelect('COUNT(*)', 'count')
    .where('row.courseId IN (:...courseIds) AND row.retiredAt IS NULL', { courseIds })
    .groupBy('row.courseId')
    .getRawMany<{ courseId: string; count: string | number }>();
  return new Map(rows.map(({ courseId, count }) => [courseId, Number(count)]));
}
