import type { Response } from 'light-my-request';
import { QuizScore } from '../src/activity/quiz-score.entity.js';
import { chunks } from '../src/common/chunks.js';
import { longProgress } from '../src/content/answer-length.js';
import type { PackageQuiz } from '../src/content/course-package.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { ChapterCompletion } from '../src/progress/chapter-completion.entity.js';
import type { Question } from '../src/quizzes/question.js';
import type { User } from '../src/users/user.entity.js';
import { type Action, actionsOf, chatGptDocument } from './chatgpt.js';
import { onEachDatabase, TestApp } from './test-app.js';

/** ChatGPT takes no answer of this length. */
const LIMIT = 100_000;
const of = (length: number, text: string) => text.repeat(Math.ceil(length / text.length)).slice(0, length);
const TITLE = of(300, 'A common title that is as long as a title may be ');
const LONG = 'the-course-with-a-long-name-and-everything';
const CHAPTERS = 1000;
const LAST = CHAPTERS - 1;
const QUIZZES = 250;
const COURSES = 50;

/** 2 MiB with as many sections as a chapter has at the most, every fourth in several parts. */
const CHAPTER = Array.from({ length: 200 }, (_, index) => {
  const heading = `## ${index} ${of(90, 'is the number of this section ')}`;
  return `${heading}\n\n${of(index % 4 === 0 ? 36_000 : 2000, 'print("a line of a program that is to be read")\n\n')}\n\n`;
}).join('');

/** 200 questions, in all as long as an import takes without a warning. */
const QUESTIONS = Array.from({ length: 200 }, (_, index): Question => {
  const asked = { id: `q${index}`, question: of(150, 'Which one? '), points: 1, explanation: of(55, 'Because. ') };
  if (index === 0)
    return { ...asked, type: 'free_text', rubric: 'Names the borrow.', correctAnswer: 'It is a borrow.' };
  if (index % 2 === 1) return { ...asked, type: 'short_text', correctAnswer: 'ownership', acceptedAnswers: [] };
  const options = ['a', 'b', 'c', 'd'].map((option) => of(40, `${option} is an option `));
  return { ...asked, type: 'single_choice', options, correctAnswer: options[0] };
});
const ANSWERS = Object.fromEntries(
  QUESTIONS.slice(1).map((question) => [question.id, 'options' in question ? question.options[0] : of(100, 'words ')]),
);

onEachDatabase((kind) => {
  let test: TestApp;
  let learner: User;

  beforeAll(async () => {
    test = await TestApp.start(kind);
    const chapters = Array.from({ length: CHAPTERS }, (_, index) => ({
      id: `${LONG}-${index}`,
      title: TITLE,
      content: index === LAST ? CHAPTER : 'Some common text.\n',
    }));
    const quizzes = Array.from({ length: QUIZZES }, (_, index): Partial<PackageQuiz> => ({
      chapterId: chapters[index].id,
      title: TITLE,
      ...(index === 0 && { questions: QUESTIONS }),
    }));
    const large = await test.make.course({ id: LONG, title: TITLE, chapters, quizzes });
    expect(longProgress(large)).toEqual([]);
    learner = await test.make.subscriber('pro');
    const done = { userId: learner.id, courseId: LONG };
    const completions = chapters.map(({ id }) => ({ ...done, chapterId: id, completedAt: new Date() }));
    const result = { score: 1 / 3, passed: false, bestScore: 2 / 3, attempts: 100, submittedAt: new Date() };
    const scores = large.quizzes.map(({ id }) => ({ ...done, quizId: id, ...result }));
    await test.app.get(UnitOfWork).run(async (manager) => {
      for (const chunk of chunks(completions)) await manager.insert(ChapterCompletion, chunk);
      await manager.insert(QuizScore, scores);
    });
    for (let index = 0; index < COURSES; index++) {
      const id = `another-course-with-a-long-name-${index}`;
      const prerequisites = [of(2990, 'Patience, ')];
      const description = of(3000, 'It is about common things. ');
      await test.make.import({
        course: { ...large.course, id, prerequisites, description, license: TITLE, source: TITLE },
        chapters: [{ ...chapters[0], id: `${id}-1`, isPremium: false, estimatedMinutes: 1 }],
        quizzes: [],
      });
      await test.make.begun(learner, id, `${id}-1`);
    }
    for (let attempt = 0; attempt < 3; attempt++) {
      const submission = { quiz_id: large.quizzes[0].id, answers: ANSWERS };
      expect((await test.as(learner).post('quizzes/submit', submission)).statusCode).toBe(200);
    }
  }, 120_000);
  afterAll(() => test.stop());

  const PATH: Record<string, string> = {
    user_id: 'me',
    course_id: LONG,
    chapter_id: `${LONG}-${LAST}`,
    section_id: 'first',
    quiz_id: `${LONG}-quiz-1`,
  };
  const BODIES: Record<string, object> = {
    submitQuiz: { quiz_id: PATH.quiz_id, answers: ANSWERS },
    recommendNextChapter: { course_id: LONG, learning_goals: Array(10).fill(of(300, 'to know more ')) },
    assessFreeText: { quiz_id: PATH.quiz_id, question_id: 'q0', user_response: of(4000, 'It is a borrow. ') },
    synthesizeChapters: { course_id: LONG, chapter_ids: Array.from({ length: 10 }, (_, index) => `${LONG}-${index}`) },
    askMentor: { course_id: LONG, question: of(2000, 'What is common? '), context: of(2000, 'I wonder. ') },
  };

  /** Asks for as much as the document allows. */
  function ask({ method, path, parameters, operationId }: Action): Promise<Response> {
    const query = new URLSearchParams();
    for (const { name, in: place, required, schema } of parameters) {
      // What is looked for stands in the courses, whose hits are the longest.
      if (place === 'query' && required) query.set(name, String(schema.enum?.[0] ?? schema.maximum ?? 'patience'));
    }
    const url = `${path.replace(/\{(\w+)\}/g, (_, name: string) => PATH[name])}?${query.toString()}`;
    return test.send({ method, url, headers: { authorization: test.tokenOf(learner) }, payload: BODIES[operationId] });
  }

  it('no answer that a custom GPT can ask for has 100,000 characters, in a catalogue as long as an import takes without a warning', async () => {
    const lengths: Record<string, number> = {};
    for (const action of actionsOf(await chatGptDocument())) {
      const answer = await ask(action);
      expect([action.operationId, answer.statusCode]).toEqual([action.operationId, 200]);
      const maximum = action.parameters.find(({ name }) => name === 'limit')?.schema.maximum;
      const body = answer.json<object[] | { results: object[] }>();
      if (maximum) expect('results' in body ? body.results : body).toHaveLength(maximum);
      lengths[action.operationId] = answer.body.length;
    }
    expect(Object.entries(lengths).filter(([, length]) => length >= LIMIT)).toEqual([]);
    expect(Object.keys(lengths).length).toBeGreaterThan(15);
  });
});
