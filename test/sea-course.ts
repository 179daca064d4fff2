import { serve, type Server } from './built.js';
import { type DatabaseKind, TEST_SECRET_KEY, TestApp } from './test-app.js';

export const PUBLIC_URL = 'https://learn.example.org';

/** A chapter in many sections. */
export const LONG = Array.from({ length: 60 }, (_, n) => {
  const sentence = n === 57 ? 'A foghorn calls. ' : `Sentence ${n} about ferries. `;
  return `## Part ${n}\n\n${sentence.repeat(40)}\n\n`;
}).join('');
const RUBRIC = 'Names the owner and what happens when it goes out of scope.';

/** The built server on a course of harbours, and the application beside it that knows the learners. */
export class SeaCourse {
  private constructor(
    readonly test: TestApp,
    readonly server: Server,
  ) {}

  static async start(kind: DatabaseKind): Promise<SeaCourse> {
    const test = await TestApp.start(kind);
    await makeCourses(test);
    const settings = {
      DATABASE_URL: test.database.url,
      SECRET_KEY: TEST_SECRET_KEY,
      PUBLIC_URL,
      LLM_PROVIDER: 'offline',
    };
    return new SeaCourse(test, await serve(settings));
  }

  async stop(): Promise<void> {
    this.server.child.kill('SIGKILL');
    await this.test.stop();
  }
}

async function makeCourses(test: TestApp): Promise<void> {
  await test.make.course({
    id: 'sea',
    title: 'Harbours',
    chapters: [
      { title: 'Quays', content: 'A quay is where a **lighthouse** keeper waits.\n' },
      { title: 'Ferries', content: LONG },
      { title: 'Pilots', content: 'Only for subscribers.\n', isPremium: true },
    ],
    quizzes: [
      {
        id: 'sea-quiz',
        questions: [
          { id: 'q1', type: 'true_false', question: 'Is it?', points: 1, correctAnswer: true },
          {
            id: 'q2',
            type: 'short_text',
            question: 'Who waits?',
            points: 1,
            correctAnswer: 'the keeper',
            acceptedAnswers: [],
          },
        ],
      },
      {
        id: 'sea-essay',
        chapterId: 'sea-3',
        questions: [
          {
            id: 'q1',
            type: 'free_text',
            question: 'Who owns it?',
            points: 1,
            rubric: RUBRIC,
            correctAnswer: 'The owner.',
          },
        ],
      },
    ],
  });
  await test.make.course({ id: 'sky', title: 'Kites' });
}
