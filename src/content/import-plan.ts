import { isDeepStrictEqual } from 'node:util';
import type { Chapter } from '../chapters/chapter.entity.js';
import type { Course } from '../courses/course.entity.js';
import type { Quiz } from '../quizzes/quiz.entity.js';
import type { CoursePackage } from './course-package.js';

export type CourseRow = Omit<Course, 'createdAt' | 'updatedAt'>;
export type ChapterRow = Omit<Chapter, 'createdAt' | 'updatedAt'>;
export type QuizRow = Omit<Quiz, 'course' | 'chapter' | 'createdAt' | 'updatedAt'>;

/** What the database holds of a course, what it retired included. */
export interface StoredCourse {
  course: Course | null;
  chapters: Chapter[];
  quizzes: Quiz[];
  /** Ids of the chapters and quizzes, and of the course, that learners' records name. */
  recorded: { course: boolean; chapters: Set<string>; quizzes: Set<string> };
}

/** What an import does to the rows of one table. */
export interface RowChanges<Row> {
  add: Row[];
  change: Row[];
  /** Ids of rows that go. */
  remove: string[];
  /** Ids of rows that leave every list but stay readable, since learners' records name them. */
  retire: string[];
}

export interface ImportPlan {
  courses: RowChanges<CourseRow>;
  chapters: RowChanges<ChapterRow>;
  quizzes: RowChanges<QuizRow>;
}

interface PlanOptions {
  /** Whether what learners' records name goes too, with those records. */
  prune: boolean;
}

/** What an import would do. Pure; nothing to do is a plan without a row. */
export function planImport(stored: StoredCourse, wanted: CoursePackage, options: PlanOptions): ImportPlan {
  return plan(stored, toCourseRow(wanted), toChapterRows(wanted), toQuizRows(wanted), options);
}

/** What taking a course away would do, by the rules of an import that leaves everything out. */
export function planRemoval(stored: StoredCourse, options: PlanOptions): ImportPlan {
  return plan(stored, null, [], [], options);
}

/** How many rows are touched. */
export function countChanges({ add, change, remove, retire }: RowChanges<unknown>): number {
  return add.length + change.length + remove.length + retire.length;
}

export function isEmpty({ courses, chapters, quizzes }: ImportPlan): boolean {
  return [courses, chapters, quizzes].every((changes) => countChanges(changes) === 0);
}

function plan(
  stored: StoredCourse,
  course: CourseRow | null,
  chapterRows: ChapterRow[],
  quizRows: QuizRow[],
  { prune }: PlanOptions,
): ImportPlan {
  const { recorded } = stored;
  const quizMustStay = ({ id }: Quiz) => !prune && recorded.quizzes.has(id);
  // A quiz that stays needs its chapter, and both need their course.
  const needed = new Set(stored.quizzes.filter(quizMustStay).map(({ chapterId }) => chapterId));
  const chapterMustStay = ({ id }: Chapter) => !prune && (recorded.chapters.has(id) || needed.has(id));
  const courseMustStay = () => !prune && (recorded.course || stored.chapters.some(chapterMustStay));
  return {
    courses: diff(stored.course ? [stored.course] : [], course ? [course] : [], courseMustStay),
    chapters: diff(stored.chapters, chapterRows, chapterMustStay),
    quizzes: diff(stored.quizzes, quizRows, quizMustStay),
  };
}

interface StoredRow {
  id: string;
  retiredAt: Date | null;
}

function diff<S extends StoredRow, R extends StoredRow>(
  stored: S[],
  wanted: R[],
  mustStay: (row: S) => boolean,
): RowChanges<R> {
  const current = new Map(stored.map((row) => [row.id, row]));
  const kept = new Set(wanted.map(({ id }) => id));
  const gone = stored.filter(({ id }) => !kept.has(id));
  return {
    add: wanted.filter(({ id }) => !current.has(id)),
    change: wanted.filter((row) => current.has(row.id) && differs(row, current.get(row.id))),
    remove: gone.filter((row) => !mustStay(row)).map(({ id }) => id),
    retire: gone.filter((row) => mustStay(row) && row.retiredAt === null).map(({ id }) => id),
  };
}

function differs(wanted: object, stored: object | undefined): boolean {
  return Object.entries(wanted).some(([key, value]) => !isDeepStrictEqual(value, Reflect.get(stored ?? {}, key)));
}

function toCourseRow({ course }: CoursePackage): CourseRow {
  return { ...course, sortTitle: sortKey(course.title), retiredAt: null };
}

function toChapterRows({ course, chapters }: CoursePackage): ChapterRow[] {
  return chapters.map((chapter, index) => ({
    ...chapter,
    courseId: course.id,
    position: index + 1,
    nextChapterId: chapters[index + 1]?.id ?? null,
    prevChapterId: chapters[index - 1]?.id ?? null,
    retiredAt: null,
  }));
}

function toQuizRows({ course, quizzes }: CoursePackage): QuizRow[] {
  return quizzes.map((quiz, index) => ({ ...quiz, courseId: course.id, position: index + 1, retiredAt: null }));
}

/** What a title is sorted by: no accents, no case, and short enough for an index. */
function sortKey(title: string): string {
  return title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim().slice(0, 200).toWellFormed();
}
