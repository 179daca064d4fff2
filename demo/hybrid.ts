import { chooseCourse, givePremium, register } from './account.js';
import { type Api, type Chapter, type Course, type Question, type Quiz, refused } from './api.js';
import { say } from './narration.js';

const ANSWER =
  'A type hint tells the reader and the type checker which values a function takes and gives back. ' +
  'Python itself does not check them when the program runs.';

/** The four features that a model answers, or rules where there is none, on a course of the server. */
export async function hybrid(api: Api): Promise<void> {
  const email = await register(api);
  const course = await chooseCourse(api);
  say('The features belong to the premium plan.');
  await refused(api.recommendNextChapter(course.id), 'SUBSCRIPTION_REQUIRED');
  if (!(await givePremium(api, email))) return;
  const outline = await api.listChapters(course.id);
  await adaptivePath(api, course, outline);
  await assessment(api, outline);
  await synthesis(api, course, outline);
  await mentor(api, course);
  say('What was used, and what is left of today:');
  const { quotas } = await api.getHybridUsage();
  for (const [feature, { used, remaining }] of Object.entries(quotas))
    console.log(`  ${feature}: ${used} used, ${remaining} left`);
}

async function adaptivePath(api: Api, course: Course, outline: Chapter[]): Promise<void> {
  say('What to study next? First the learner completes a chapter, without its quiz.');
  await api.completeChapter(course.id, outline[0].id);
  const path = await api.recommendNextChapter(course.id);
  for (const { chapter_id, reason } of path.recommendations) console.log(`  ${chapter_id}: ${reason}`);
}

async function assessment(api: Api, outline: Chapter[]): Promise<void> {
  say('An answer in the learner’s own words.');
  const found = await findFreeText(api, outline);
  if (!found) return say('The course asks no question that is answered in free text.');
  const { quiz, question } = found;
  console.log(`  ${question.question}`);
  const graded = await api.assessFreeText(quiz.id, question.id, ANSWER);
  console.log(`  ${graded.score}: ${graded.feedback}`);
}

async function findFreeText(api: Api, outline: Chapter[]): Promise<{ quiz: Quiz; question: Question } | null> {
  for (const id of outline.flatMap(({ quiz_ids }) => quiz_ids)) {
    const quiz = await api.getQuiz(id);
    const question = quiz.questions?.find(({ type }) => type === 'free_text');
    if (question) return { quiz, question };
  }
  return null;
}

async function synthesis(api: Api, course: Course, outline: Chapter[]): Promise<void> {
  say('How do three chapters belong together?');
  const chapterIds = outline.slice(0, 3).map(({ id }) => id);
  const answer = await api.synthesizeChapters(course.id, chapterIds);
  for (const connection of answer.connections_identified) console.log(`  ${connection}`);
}

async function mentor(api: Api, course: Course): Promise<void> {
  say('A question to the mentor, and another one in the same session.');
  const ask = async (question: string, sessionId?: string) => {
    const answer = await api.askMentor(course.id, question, sessionId);
    console.log(`  ${answer.response}`);
    for (const back of answer.follow_up_questions) console.log(`  ? ${back}`);
    return answer.session_id;
  };
  const session = await ask('When should I use a Protocol instead of a base class?');
  await ask('And how does a type checker see that a class fits?', session);
}
