import type { ChapterDto } from '../chapters/chapters.dto.js';
import type { CourseDto } from '../courses/courses.dto.js';
import type { CourseProgressDto, QuizScoreDto, UserProgressDto } from '../progress/progress.dto.js';
import type { QuizDto } from '../quizzes/quizzes.dto.js';
import { beginning, learningState } from './learning-state.js';

const course = (id: string) => ({ id }) as CourseDto;
const begun = (course_id: string) => ({ course_id }) as CourseProgressDto;
const chapter = (id: string, locked = false) => ({ id, locked }) as ChapterDto;
const quiz = (id: string, chapter_id: string) => ({ id, chapter_id, passing_score: 0.7 }) as QuizDto;
const progress = (completed_chapters: string[], quiz_scores: Record<string, Partial<QuizScoreDto>> = {}) =>
  ({ completed_chapters, quiz_scores, streak_days: 3 }) as UserProgressDto;

it('offers five courses at the most to who has none under way', () => {
  const state = beginning(2, ['a', 'b', 'c', 'd', 'e', 'f'].map(course));
  expect([state.course, state.streak_days, state.could_begin.length]).toEqual([null, 2, 5]);
});

it('goes on with the first chapter that is left, an open one rather than a locked one', () => {
  const next = (completed: string[], ...chapters: ChapterDto[]) =>
    learningState([begun('c')], progress(completed), chapters, [], []).next_chapter?.id;
  expect(next(['1', '3'], chapter('1'), chapter('2'), chapter('3'), chapter('4'))).toBe('2');
  expect(next(['1'], chapter('1'), chapter('2', true), chapter('3'))).toBe('3');
  expect(next(['1'], chapter('1'), chapter('2', true))).toBe('2');
  expect(next(['1'], chapter('1'))).toBeUndefined();
});

it('tells quizzes as open that were reached and never passed', () => {
  const quizzes = [quiz('passed', '1'), quiz('once', '1'), quiz('toString', '1'), quiz('next', '2'), quiz('far', '3')];
  const scores = { passed: { passed: true, best_score: 1 }, once: { passed: false, best_score: 0.8 } };
  const chapters = ['1', '2', '3'].map((id) => chapter(id));
  const { open_quizzes } = learningState([begun('c')], progress(['1'], scores), chapters, quizzes, []);
  expect(open_quizzes.map(({ id }) => id)).toEqual(['toString', 'next']);
});

it('tells the other courses, and offers none that is begun', () => {
  const state = learningState([begun('a'), begun('b')], progress([]), [], [], [course('a'), course('c')]);
  expect(state).toMatchObject({
    course: { course_id: 'a' },
    other_courses: [{ course_id: 'b' }],
    could_begin: [{ id: 'c' }],
  });
});
