import type { ChapterDto } from '../src/chapters/chapters.dto.js';
import type { CourseDto } from '../src/courses/courses.dto.js';
import type {
  AdaptiveLearningResponse,
  CrossChapterSynthesisResponse,
  HybridUsageDto,
  LLMAssessmentResponse,
  MentorSessionResponse,
} from '../src/hybrid/hybrid.dto.js';
import type { QuestionDto, QuizDto } from '../src/quizzes/quizzes.dto.js';
import { chooseCourse, givePremium, register } from './account.js';
import type { Conversation } from './conversation.js';

const ANSWER =
  'A type hint tells the reader and the type checker which values a function takes and gives back. ' +
  'Python itself does not check them when the program runs.';

/** The four features that a model answers, or rules where there is none, on a course of the server. */
export async function hybrid(talk: Conversation): Promise<void> {
  const email = await register(talk);
  const course = await chooseCourse(talk);
  talk.say('The features belong to the premium plan.');
  await talk.post('hybrid/adaptive-learning', { course_id: course.id }, 403);
  if (!(await givePremium(talk, email))) return;
  const outline = await talk.get<ChapterDto[]>(`courses/${course.id}/chapters?include_content=false`);
  await adaptivePath(talk, course, outline);
  await assessment(talk, outline);
  await synthesis(talk, course, outline);
  await mentor(talk, course);
  talk.say('What was used, and what is left of today:');
  const { quotas } = await talk.get<HybridUsageDto>('hybrid/usage/me');
  for (const [feature, { used, remaining }] of Object.entries(quotas))
    console.log(`  ${feature}: ${used} used, ${remaining} left`);
}

async function adaptivePath(talk: Conversation, course: CourseDto, outline: ChapterDto[]): Promise<void> {
  talk.say('What to study next? First the learner completes a chapter, without its quiz.');
  await talk.post(`progress/me/courses/${course.id}/chapters/${outline[0].id}`, {});
  const path = await talk.post<AdaptiveLearningResponse>('hybrid/adaptive-learning', { course_id: course.id });
  for (const { chapter_id, reason } of path.recommendations) console.log(`  ${chapter_id}: ${reason}`);
}

async function assessment(talk: Conversation, outline: ChapterDto[]): Promise<void> {
  talk.say('An answer in the learner’s own words.');
  const found = await findFreeText(talk, outline);
  if (!found) return talk.say('The course asks no question that is answered in free text.');
  const { quiz, question } = found;
  console.log(`  ${question.question}`);
  const graded = await talk.post<LLMAssessmentResponse>('hybrid/llm-assessment', {
    quiz_id: quiz.id,
    question_id: question.id,
    user_response: ANSWER,
  });
  console.log(`  ${graded.score}: ${graded.feedback}`);
}

async function findFreeText(
  talk: Conversation,
  outline: ChapterDto[],
): Promise<{ quiz: QuizDto; question: QuestionDto } | null> {
  for (const id of outline.flatMap(({ quiz_ids }) => quiz_ids)) {
    const quiz = await talk.get<QuizDto>(`quizzes/${id}`);
    const question = quiz.questions?.find(({ type }) => type === 'free_text');
    if (question) return { quiz, question };
  }
  return null;
}

async function synthesis(talk: Conversation, course: CourseDto, outline: ChapterDto[]): Promise<void> {
  talk.say('How do three chapters belong together?');
  const chapter_ids = outline.slice(0, 3).map(({ id }) => id);
  const answer = await talk.post<CrossChapterSynthesisResponse>('hybrid/synthesis', {
    course_id: course.id,
    chapter_ids,
  });
  for (const connection of answer.connections_identified) console.log(`  ${connection}`);
}

async function mentor(talk: Conversation, course: CourseDto): Promise<void> {
  talk.say('A question to the mentor, and another one in the same session.');
  const ask = async (question: string, session_id?: string) => {
    const answer = await talk.post<MentorSessionResponse>('hybrid/mentor-session', {
      course_id: course.id,
      question,
      session_id,
    });
    console.log(`  ${answer.response}`);
    for (const back of answer.follow_up_questions) console.log(`  ? ${back}`);
    return answer.session_id;
  };
  const session = await ask('When should I use a Protocol instead of a base class?');
  await ask('And how does a type checker see that a class fits?', session);
}
