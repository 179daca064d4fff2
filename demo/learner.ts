import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import type { ProgressChangeDto, UserProgressDto } from '../src/progress/progress.dto.js';
import type { QuestionDto, QuizDto, QuizResultDto } from '../src/quizzes/quizzes.dto.js';
import { chooseCourse, givePremium, register } from './account.js';
import type { Conversation } from './conversation.js';

type Answers = Record<string, unknown>;

/**
 * A learner's way through a course: registers, reads on by the next links, fails a quiz
 * and passes it, completes what is free, meets a locked chapter, is given premium where the command line reaches the
 * server's database, and completes the course.
 */
export async function learner(talk: Conversation): Promise<void> {
  const email = await register(talk);
  const course = await chooseCourse(talk);
  const outline = await talk.get<ChapterDto[]>(`courses/${course.id}/chapters?include_content=false`);
  const path = `progress/me/courses/${course.id}`;

  talk.say('The learner takes the first quiz before reading, and fails.');
  const first = outline.find(({ quiz_ids, locked }) => quiz_ids.length > 0 && !locked);
  if (first) await takeQuiz(talk, first);

  talk.say('Then reads on from chapter to chapter and completes each, as far as the free plan goes.');
  const locked = await readOn(talk, outline[0].id, path);
  if (locked) {
    talk.say(`“${locked.title}” is locked.`);
    await talk.get(`chapters/${locked.id}`, 403);
    await talk.post(`${path}/chapters/${locked.id}`, {}, 403);
    talk.say('The operator gives the learner premium.');
    if (!(await givePremium(talk, email))) return;
    await readOn(talk, locked.id, path);
  }
  const progress = await talk.get<UserProgressDto>(path);
  talk.say(`${progress.completion_percentage} % of “${course.title}”, a streak of ${progress.streak_days} day.`);
  if (progress.completion_percentage !== 100 || progress.streak_days < 1)
    throw new Error('The course is not completed');
}

/** Fails a quiz, reads the chapter that the feedback names and passes with what the results have explained. */
async function takeQuiz(talk: Conversation, chapter: ChapterDto): Promise<void> {
  const quiz = await talk.get<QuizDto>(`quizzes/${chapter.quiz_ids[0]}`);
  const submit = (answers: Answers) => talk.post<QuizResultDto>('quizzes/submit', { quiz_id: quiz.id, answers });
  const questions = quiz.questions ?? [];
  const failed = await submit(Object.fromEntries(questions.map((question) => [question.id, guess(question)])));
  talk.say(failed.feedback);
  await talk.get(`chapters/${chapter.id}`);
  const learnt = failed.results.filter(({ correct_answer }) => correct_answer !== undefined);
  const passed = await submit(
    Object.fromEntries(learnt.map(({ question_id, correct_answer }) => [question_id, correct_answer])),
  );
  talk.say(passed.feedback);
  if (failed.passed || !passed.passed) throw new Error('The quiz was to be failed first and passed then');
}

/** An answer of the right kind that is most likely wrong. */
function guess({ type, options = [] }: QuestionDto): unknown {
  switch (type) {
    case 'single_choice':
      return options.at(-1);
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
async function readOn(talk: Conversation, firstId: string, path: string): Promise<ChapterDto | null> {
  let chapter = await talk.get<ChapterDto>(`chapters/${firstId}`);
  for (;;) {
    await talk.post<ProgressChangeDto>(`${path}/chapters/${chapter.id}`, {});
    if (chapter.next_chapter_id === null) return null;
    chapter = await talk.get<ChapterDto>(`chapters/${chapter.id}/next`);
    if (chapter.locked) return chapter;
  }
}
