import { client } from '../../dist/clients/hey-api/client.gen.js';
import * as api from '../../dist/clients/hey-api/index.js';
import { type Api, Refusal } from '../../demo/api.js';
import { lead } from '../../demo/lead.js';
import { printedFetch } from '../../demo/narration.js';

type Outcome<T> = { data: T; error: undefined } | { data: undefined; error: api.ErrorDto };

async function answer<T>(asked: Promise<Outcome<T>>): Promise<T> {
  const { data, error } = await asked;
  if (error) throw new Refusal(error);
  return data;
}

/**
 * The operations by the client that @hey-api/openapi-ts generates: an object of parameters, an object of data or error.
 */
function heyApi(baseUrl: string): Api {
  client.setConfig({ baseUrl, fetch: printedFetch });
  return {
    signIn: (accessToken) => void client.setConfig({ auth: accessToken }),
    register: (body) => answer(api.register({ body })),
    getAccess: () => answer(api.getAccess({ path: { user_id: 'me' } })),
    listCourses: () => answer(api.listCourses()),
    listChapters: (course_id) => answer(api.listChapters({ path: { course_id }, query: { include_content: false } })),
    getChapter: (chapter_id) => answer(api.getChapter({ path: { chapter_id } })),
    getNextChapter: (chapter_id) => answer(api.getNextChapter({ path: { chapter_id } })),
    getQuiz: (quiz_id) => answer(api.getQuiz({ path: { quiz_id } })),
    submitQuiz: (quiz_id, answers) => answer(api.submitQuiz({ body: { quiz_id, answers } })),
    completeChapter: (course_id, chapter_id) =>
      answer(api.completeChapter({ path: { user_id: 'me', course_id, chapter_id } })),
    getProgress: (course_id) => answer(api.getProgress({ path: { user_id: 'me', course_id } })),
    recommendNextChapter: (course_id) => answer(api.recommendNextChapter({ body: { course_id } })),
    assessFreeText: (quiz_id, question_id, user_response) =>
      answer(api.assessFreeText({ body: { quiz_id, question_id, user_response } })),
    synthesizeChapters: (course_id, chapter_ids) =>
      answer(api.synthesizeChapters({ body: { course_id, chapter_ids } })),
    askMentor: (course_id, question, session_id) =>
      answer(api.askMentor({ body: { course_id, question, session_id } })),
    getHybridUsage: () => answer(api.getHybridUsage({ path: { user_id: 'me' } })),
  };
}

void lead(heyApi);
