import { Injectable } from '@nestjs/common';
import { DatabaseConnection } from '../database/database-connection.js';

/** Chapters whose neighbour does not know them, or whose course goes on where they say it ends. */
const BROKEN_LINKS = `
  SELECT COUNT(*) AS broken
  FROM chapters c
  LEFT JOIN chapters n ON n.course_id = c.course_id AND n.position = c.position + 1 AND n.retired_at IS NULL
  WHERE c.retired_at IS NULL
    AND (COALESCE(c.next_chapter_id, '') <> COALESCE(n.id, '') OR (n.id IS NOT NULL AND COALESCE(n.prev_chapter_id, '') <> c.id))`;

@Injectable()
export class ContentHealth {
  constructor(private readonly connection: DatabaseConnection) {}

  /** Whether there is a course to study and every chapter leads to the one after it. */
  async isSound(): Promise<boolean> {
    const { reader } = this.connection;
    const courses = await reader.query<object[]>(
      'SELECT 1 FROM courses WHERE published AND retired_at IS NULL LIMIT 1',
    );
    const [{ broken }] = await reader.query<[{ broken: number | string }]>(BROKEN_LINKS);
    return courses.length > 0 && Number(broken) === 0;
  }
}
