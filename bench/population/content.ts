import type { Question } from '../../src/quizzes/question.js';
import { textOf, textOfLength } from '../words.js';
import type { Row } from './bulk.js';

/** What learners work through in every population, whatever its size. */
export const STUDY_COURSES = ['study-1', 'study-2', 'study-3', 'study-4', 'study-5'];
export const PER_STUDY_COURSE = 20;
export const STUDY_CHAPTERS = STUDY_COURSES.length * PER_STUDY_COURSE;
const PER_LIBRARY_COURSE = 5000;

/** So many characters make an answer of 2 and of 20 KB. */
const SHORT = 1600;
const LONG = 19_600;

/** When all that is generated was made: the same in every run. */
export const MADE_AT = new Date('2026-01-01T00:00:00Z');
const RECORDED = { created_at: MADE_AT, updated_at: MADE_AT };

/** A course with its chapters and quizzes, as rows. */
export interface CourseRows {
  course: Row;
  chapters: Row[];
  quizzes: Row[];
}

export function studyChapter(course: string, number: number): string {
  return `${course}-chapter-${String(number).padStart(2, '0')}`;
}

export function quizOf(chapter: string): string {
  return `${chapter}-quiz`;
}

/** Chapters of 2 KB, the last of 20 KB, each with a quiz. */
export function studyCourse(id: string): CourseRows {
  const ids = Array.from({ length: PER_STUDY_COURSE }, (_chapter, index) => studyChapter(id, index + 1));
  const chapters = ids.map((chapter, index) => {
    const length = index === PER_STUDY_COURSE - 1 ? LONG : SHORT;
    const about = {
      title: `Chapter ${index + 1} of ${id}`,
      content: textOfLength(length, STUDY_COURSES.indexOf(id) * PER_STUDY_COURSE + index),
      is_premium: false,
    };
    return { ...chapterRow(ids, index, id), ...about, id: chapter };
  });
  const quizzes = ids.map((chapter, index) => quizRow(id, chapter, index + 1));
  return { course: courseRow(id), chapters, quizzes };
}

/** So many chapters to be searched, from the first-th on; every tenth is premium. */
export function libraryCourse(first: number, count: number): CourseRows {
  const id = `library-${first}`;
  const ids = Array.from({ length: count }, (_chapter, index) => `${id}-${first + index}`);
  const chapters = ids.map((chapter, index) => {
    const isPremium = (first + index) % 10 === 9;
    return {
      ...chapterRow(ids, index, id),
      ...textOf(STUDY_CHAPTERS + first + index),
      id: chapter,
      is_premium: isPremium,
    };
  });
  return { course: courseRow(id), chapters, quizzes: [] };
}

/** How the library's chapters are spread over its courses. */
export function libraryOf(chapters: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(chapters / PER_LIBRARY_COURSE) }, (_course, index) => {
    const first = index * PER_LIBRARY_COURSE;
    return { first, count: Math.min(PER_LIBRARY_COURSE, chapters - first) };
  });
}

/** The chapters of the library that everyone may read. */
export function openLibraryChapters(chapters: number): string[] {
  return libraryOf(chapters)
    .flatMap(({ first, count }) => Array.from({ length: count }, (_chapter, index) => [first, first + index]))
    .filter(([, index]) => index % 10 !== 9)
    .map(([first, index]) => `library-${first}-${index}`);
}

export function courseRow(id: string): Row {
  return {
    id,
    title: `Course ${id}`,
    sort_title: `course ${id}`,
    description: 'Generated.',
    prerequisites: '[]',
    published: true,
    ...RECORDED,
  };
}

/** Without what it says; the links to its neighbours need no order, as they are checked when all are there. */
function chapterRow(ids: string[], index: number, courseId: string): Row {
  return {
    course_id: courseId,
    position: index + 1,
    next_chapter_id: ids[index + 1] ?? null,
    prev_chapter_id: ids[index - 1] ?? null,
    estimated_minutes: 1,
    ...RECORDED,
  };
}

const QUESTIONS: Question[] = Array.from({ length: 5 }, (_question, index) => ({
  id: `q${index + 1}`,
  type: 'single_choice',
  question: `Which of these is number ${index + 1}?`,
  options: ['one', 'two', 'three', 'four', 'five'],
  correctAnswer: ['one', 'two', 'three', 'four', 'five'][index],
  points: 1,
  explanation: 'They are in their order.',
}));

/** What a learner answers who has three of five right. */
export const ANSWERS = { q1: 'one', q2: 'two', q3: 'three', q4: 'one', q5: 'one' };

function quizRow(courseId: string, chapterId: string, position: number): Row {
  return {
    id: quizOf(chapterId),
    course_id: courseId,
    chapter_id: chapterId,
    title: `Quiz of ${chapterId}`,
    position,
    questions: JSON.stringify(QUESTIONS),
    passing_score: 0.7,
    is_premium: false,
    reveal: 'after_submit',
    ...RECORDED,
  };
}
