import { Config } from '../../src/config/config.js';
import { chunks } from '../../src/common/chunks.js';
import { Passwords } from '../../src/auth/passwords.js';
import type { DatabaseAddress } from '../database.js';
import { command } from '../processes.js';
import { SETTINGS } from '../settings.js';
import { openBulk } from './bulk.js';
import {
  type CourseRows,
  courseRow,
  libraryCourse,
  libraryOf,
  STUDY_CHAPTERS,
  STUDY_COURSES,
  studyCourse,
} from './content.js';
import { learnerRows, PASSWORD } from './learners.js';
import { withoutTextIndexes } from './text-indexes.js';

const CHUNK = 5000;

/**
 * Fills a database with so many chapters, but 100 at the least, as many learners, and as many courses, most of them
 * empty. Rows are written past the application; it makes the search index itself.
 * @param size 5 or more
 */
export async function populate(database: DatabaseAddress, size: number): Promise<void> {
  await command(['migrate'], database);
  const library = libraryOf(size - STUDY_CHAPTERS);
  await write(database, STUDY_COURSES.map(studyCourse));
  for (const { first, count } of library) await write(database, [libraryCourse(first, count)]);
  await withoutTextIndexes(database, () => command(['migrate'], database));

  const passwordHash = await new Passwords(Config.from({ ...SETTINGS, DATABASE_URL: database.url })).hash(PASSWORD);
  const bulk = await openBulk(database);
  const shelves = Array.from({ length: size - STUDY_COURSES.length - library.length }, (_shelf, index) =>
    courseRow(`shelf-${String(index + 1).padStart(6, '0')}`),
  );
  for (const rows of chunks(shelves, CHUNK)) await bulk.insert('courses', rows);
  for (let first = 0; first < size; first += CHUNK) {
    const tables = learnerRows(first, Math.min(CHUNK, size - first), passwordHash);
    for (const [table, rows] of Object.entries(tables)) await bulk.insert(table, rows);
  }
  await bulk.close();
}

async function write(database: DatabaseAddress, courses: CourseRows[]): Promise<void> {
  const bulk = await openBulk(database);
  for (const { course, chapters, quizzes } of courses) {
    await bulk.insert('courses', [course]);
    await bulk.insert('chapters', chapters);
    await bulk.insert('quizzes', quizzes);
  }
  await bulk.close();
}
