import type { ChapterDto } from '../chapters/chapters.dto.js';
import type { CourseDto } from '../courses/courses.dto.js';
import type { CourseProgressDto, UserProgressDto } from '../progress/progress.dto.js';
import type { QuizDto } from '../quizzes/quizzes.dto.js';

/** Where a learner is, and what is next. */
export interface LearningState {
  streak_days: number;
  course: CourseProgressDto | null;
  next_chapter: ChapterDto | null;
  open_quizzes: QuizDto[];
  other_courses: CourseProgressDto[];
  could_begin: CourseDto[];
}

const MAX_LISTED = 5;

/** The state of a learner who has no course under way. */
export function beginning(streakDays: number, courses: CourseDto[]): LearningState {
  return {
    streak_days: streakDays,
    course: null,
    next_chapter: null,
    open_quizzes: [],
    other_courses: [],
    could_begin: courses.slice(0, MAX_LISTED),
  };
}

/**
 * The state of a learner in the course that they have studied last. The next chapter is the first that is not
 * completed, an open one rather than a locked one.
 * @param begun the courses that they have begun, the latest first
 * @param progress what they have done of the latest one, whose `chapters` and `quizzes` follow in their order
 * @param courses those that could be begun, if any are to be offered
 */
export function learningState(
  begun: CourseProgressDto[],
  progress: UserProgressDto,
  chapters: ChapterDto[],
  quizzes: QuizDto[],
  courses: CourseDto[],
): LearningState {
  const [course, ...others] = begun;
  const completed = new Set(progress.completed_chapters);
  const left = chapters.filter(({ id }) => !completed.has(id));
  const next = left.find(({ locked }) => !locked) ?? left[0] ?? null;
  const isReached = ({ chapter_id }: QuizDto) => completed.has(chapter_id) || chapter_id === next?.id;
  const known = new Set(begun.map(({ course_id }) => course_id));
  return {
    streak_days: progress.streak_days,
    course,
    next_chapter: next,
    open_quizzes: quizzes.filter((quiz) => isReached(quiz) && !isPassed(quiz, progress)).slice(0, MAX_LISTED),
    other_courses: others.slice(0, MAX_LISTED),
    could_begin: courses.filter(({ id }) => !known.has(id)).slice(0, MAX_LISTED),
  };
}

/** A quiz that was passed once is passed, however a later attempt went. */
function isPassed({ id, passing_score }: QuizDto, { quiz_scores }: UserProgressDto): boolean {
  const score = Object.hasOwn(quiz_scores, id) ? quiz_scores[id] : null;
  return score !== null && (score.passed || score.best_score >= passing_score);
}
