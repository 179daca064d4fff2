import { ok, type SuccessResponse, type WithHeaders } from '@oazapfts/runtime';
import * as api from '../../dist/clients/oazapfts/api.js';
import { type Api, Refusal } from '../../demo/api.js';
import { lead } from '../../demo/lead.js';
import { printedFetch } from '../../demo/narration.js';

type Outcome =
  | { status: 200; data: unknown }
  | { status: 201; data: unknown }
  | { status: 304 }
  | { status: 400 | 401 | 403 | 404 | 409 | 413 | 414 | 415 | 422 | 429 | 431 | 500 | 502 | 503; data: api.ErrorDto };

async function answer<T extends WithHeaders<Outcome>>(asked: Promise<T>): Promise<SuccessResponse<T>> {
  const outcome: Outcome = await asked;
  switch (outcome.status) {
    case 200:
    case 201:
    case 304:
      return ok(asked);
    default:
      throw new Refusal(outcome.data);
  }
}

/**
 * The operations by the client that oazapfts generates: arguments one after the other, a union of answers by status.
 */
function oazapfts(baseUrl: string): Api {
  Object.assign(api.defaults, { baseUrl, fetch: printedFetch });
  return {
    signIn: (accessToken) => {
      api.defaults.headers.authorization = `Bearer ${accessToken}`;
    },
    register: (account) => answer(api.register(account)),
    getAccess: () => answer(api.getAccess('me')),
    listCourses: () => answer(api.listCourses()),
    listChapters: (courseId) => answer(api.listChapters(courseId, { includeContent: false })),
    getChapter: (chapterId) => answer(api.getChapter(chapterId)),
    getNextChapter: (chapterId) => answer(api.getNextChapter(chapterId)),
    getQuiz: (quizId) => answer(api.getQuiz(quizId)),
    submitQuiz: (quiz_id, answers) => answer(api.submitQuiz({ quiz_id, answers })),
    completeChapter: (courseId, chapterId) => answer(api.completeChapter('me', courseId, chapterId)),
    getProgress: (courseId) => answer(api.getProgress('me', courseId)),
    recommendNextChapter: (course_id) => answer(api.recommendNextChapter({ course_id })),
    assessFreeText: (quiz_id, question_id, user_response) =>
      answer(api.assessFreeText({ quiz_id, question_id, user_response })),
    synthesizeChapters: (course_id, chapter_ids) => answer(api.synthesizeChapters({ course_id, chapter_ids })),
    askMentor: (course_id, question, session_id) => answer(api.askMentor({ course_id, question, session_id })),
    getHybridUsage: () => answer(api.getHybridUsage('me')),
  };
}

void lead(oazapfts);
