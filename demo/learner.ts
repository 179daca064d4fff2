import type { Answer } from '../src/quizzes/question.js';
import { chooseCourse, givePremium, register } from './account.js';
import { type Api, type Chapter, type Course, type Question, refused } from './api.js';
import { say } from './narration.js';

/**
 * A learner's way through a course: registers, fails a quiz and passes it, reads on by the next links and completes
 * what is free, meets a locked chapter, is given premium where the command line reaches the server's database, and
 * completes the course.
 */
export async function learner(api: Api): Promise<void> {
  const email = await register(api);
  const course = await chooseCourse(api);
  const outline = await api.listChapters(course.id);

  say('The learner takes the first quiz before reading, and fails.');
  const first = outline.find(({ quiz_ids, locked }) => quiz_ids.length > 0 && !locked);
  if (first) await takeQuiz(api, first);

  say('Then reads on from chapter to chapter and completes each, as far as the free plan goes.');
  const locked = await readOn(api, course, outline[0]);
  if (locked) {
    say(`“${locked.title}” is locked.`);
    await refused(api.getChapter(locked.id), 'SUBSCRIPTION_REQUIRED');
    await refused(api.completeChapter(course.id, locked.id), 'SUBSCRIPTION_REQUIRED');
    say('The operator gives the learner premium.');
    if (!(await givePremium(api, email))) return;
    await readOn(api, course, locked);
  }
  const progress = await api.getProgress(course.id);
  say(`${progress.completion_percentage} % of “${course.title}”, a streak of ${progress.streak_days} day.`);
  if (progress.completion_percentage !== 100 || progress.streak_days < 1)
    throw new Error('The course is not completed');
}

/** Fails a quiz, reads the chapter that the feedback names and passes with what the results have explained. */
async function takeQuiz(api: Api, chapter: Chapter): Promise<void> {
  const quiz = await api.getQuiz(chapter.quiz_ids[0]);
  const questions = quiz.questions ?? [];
  const guesses = Object.fromEntries(questions.map((question) => [question.id, guess(question)]));
  const failed = await api.submitQuiz(quiz.id, guesses);
  say(failed.feedback);
  await api.getChapter(chapter.id);
  const learnt = failed.results.flatMap(({ question_id, correct_answer }) =>
    correct_answer === undefined ? [] : [[question_id, correct_answer] as const],
  );
  const passed = await api.submitQuiz(quiz.id, Object.fromEntries(learnt));
  say(passed.feedback);
  if (failed.passed || !passed.passed) throw new Error('The quiz was to be failed first and passed then');
}

/** An answer of the right kind that is most likely wrong. */
function guess({ type, options = [] }: Question): Answer {
  switch (type) {
    case 'single_choice':
      return options[options.length - 1];
    case 'multiple_choice':
      return options;
    case 'ordering':
      return options;
    case 'true_false':
      return false;
    case 'numeric':
      return -12345;
    case 'short_text':
    case 'free_text':
      return 'I do not know';
  }
}

/** Completes chapter after chapter by the next links; gives the first that is locked, or null at the end. */
async function readOn(api: Api, course: Course, { id }: Chapter): Promise<Chapter | null> {
  let chapter = await api.getChapter(id);
  for (;;) {
    await api.completeChapter(course.id, chapter.id);
    if (chapter.next_chapter_id === null) return null;
    chapter = await api.getNextChapter(chapter.id);
    if (chapter.locked) return chapter;
  }
}
