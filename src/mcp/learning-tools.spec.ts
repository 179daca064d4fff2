import type { Ask } from './tool.js';
import { LEARNING_TOOLS } from './learning-tools.js';

/** A course whose lists come in pages of two, of which the first chapters are completed. */
function courseOf(chapters: number, completed: number): Ask {
  const ids = Array.from({ length: chapters }, (_, index) => `c-${index + 1}`);
  const lists: Record<string, object[]> = {
    listProgress: [{ course_id: 'c', completed_chapters: completed, total_chapters: chapters }],
    listChapters: ids.map((id) => ({ id, locked: false })),
    listCourseQuizzes: ids.map((id) => ({ id: `${id}-quiz`, chapter_id: id, passing_score: 0.7 })),
  };
  const passed = ids.slice(0, completed - 1).map((id) => [`${id}-quiz`, { passed: true, best_score: 1 }]);
  const progress = {
    streak_days: 1,
    completed_chapters: ids.slice(0, completed),
    quiz_scores: Object.fromEntries(passed) as object,
  };
  return <T>(operationId: string, { offset = 0 }: Record<string, unknown>) => {
    const list = lists[operationId];
    const body = operationId === 'getProgress' ? progress : list.slice(Number(offset), Number(offset) + 2);
    return Promise.resolve({ body: body as T, total: list?.length ?? 0 });
  };
}

it('looks through all chapters and quizzes of a course, however many pages they fill', async () => {
  const state = LEARNING_TOOLS.find(({ name }) => name === 'get_learning_state');
  expect(await state?.run({}, courseOf(7, 5))).toMatchObject({
    next_chapter: { id: 'c-6' },
    open_quizzes: [{ id: 'c-5-quiz' }, { id: 'c-6-quiz' }],
  });
});
