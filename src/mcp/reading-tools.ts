import type { ChapterDto } from '../chapters/chapters.dto.js';
import type { CourseDto } from '../courses/courses.dto.js';
import { listOf, objectOf, pick } from './schemas.js';
import { type Tool, toolOf } from './tool.js';

const OUTLINE_CHAPTERS = 100;
const OUTLINE = ['id', 'title', 'order', 'is_premium', 'locked', 'estimated_minutes', 'quiz_ids'];
const TOTAL = { type: 'integer', description: 'How many there are in all.' };

const listCourses: Tool = {
  name: 'list_courses',
  title: 'List courses',
  description:
    'Use this when the learner asks what can be studied, or when you need the id of a course. It answers the courses by title: what each is about, what a learner should know before, and how many chapters and quizzes it has.',
  operations: ['listCourses'],
  arguments: {
    limit: 'How many courses at the most; 50 unless told.',
    offset: 'How many courses to pass over, where total tells of more than you have got.',
  },
  output: (of) => objectOf({ courses: of('listCourses'), total: TOTAL }),
  run: async (args, ask) => {
    const { body, total } = await ask<CourseDto[]>('listCourses', args);
    return { courses: body, total };
  },
};

const getCourseOutline: Tool = {
  name: 'get_course_outline',
  title: 'Outline of a course',
  description:
    "Use this to see how a course is built, or to find the id of a chapter or quiz. It answers the course and its chapters in order, without their text: titles, reading times, each chapter's quiz_ids, and whether a chapter is locked for the learner because it needs another plan.",
  operations: ['getCourse', 'listChapters'],
  arguments: {
    course_id: "The course's id, as list_courses or search_course tells it.",
    limit: `How many chapters at the most; ${OUTLINE_CHAPTERS} unless told.`,
    offset: 'How many chapters to pass over, where total tells of more than you have got.',
  },
  output: (of) =>
    objectOf({
      course: of('getCourse'),
      chapters: listOf(pick(of('listChapters').items ?? {}, ...OUTLINE)),
      total: TOTAL,
    }),
  run: async ({ course_id, ...page }, ask) => {
    const outline = { limit: OUTLINE_CHAPTERS, ...page, course_id, include_content: false };
    const [course, chapters] = await Promise.all([
      ask<CourseDto>('getCourse', { course_id }),
      ask<ChapterDto[]>('listChapters', outline),
    ]);
    return { course: course.body, chapters: chapters.body, total: chapters.total };
  },
};

const searchCourse = toolOf('search', {
  name: 'search_course',
  title: 'Search the courses',
  description:
    'Use this when the learner asks about a topic, and before you explain something: what you say should rest on the course. It finds courses and chapters by what they say, best first, each chapter with the passage that answers; read more of it with get_chapter. Locked chapters are found by their titles alone.',
  arguments: {
    q: 'What to look for, 1 to 200 characters: words, "quoted phrases", and -word for what no hit may hold.',
    limit: 'How many hits at the most, 1 to 50; 10 unless told.',
    offset: 'How many hits to pass over.',
  },
});

const getQuiz = toolOf('getQuiz', {
  name: 'get_quiz',
  title: 'Read a quiz',
  description:
    'Use this when the learner wants to be quizzed. It answers the questions with their types, options and points, never the right answers: put the questions to the learner one by one, collect what they answer, and do not answer for them. Then send all answers with submit_quiz; free_text questions are graded by assess_free_text.',
  arguments: { quiz_id: "The quiz's id, as get_course_outline or get_chapter tells it." },
});

/** Tools for what can be read, most of it without signing in. */
export const READING_TOOLS: Tool[] = [listCourses, getCourseOutline, searchCourse, getQuiz];
