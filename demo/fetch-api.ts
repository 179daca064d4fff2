import { type Api, type ErrorAnswer, Refusal } from './api.js';
import { printedFetch } from './narration.js';

/** The operations written by hand, so that `npm run demo` needs nothing generated. */
export function fetchApi(baseUrl: string): Api {
  let headers: Record<string, string> = { 'content-type': 'application/json' };

  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const request = { method, headers, body: body && JSON.stringify(body) };
    const answer = await printedFetch(`${baseUrl}/api/v1/${path}`, request);
    if (!answer.ok) throw new Refusal((await answer.json()) as ErrorAnswer);
    return (await answer.json()) as T;
  }
  const get = <T>(path: string) => ask<T>('GET', path);
  const post = <T>(path: string, body: object) => ask<T>('POST', path, body);

  return {
    signIn: (accessToken) => {
      headers = { ...headers, authorization: `Bearer ${accessToken}` };
    },
    register: (account) => post('auth/register', account),
    getAccess: () => get('subscriptions/me/access'),
    listCourses: () => get('courses'),
    listChapters: (courseId) => get(`courses/${courseId}/chapters?include_content=false`),
    getChapter: (chapterId) => get(`chapters/${chapterId}`),
    getNextChapter: (chapterId) => get(`chapters/${chapterId}/next`),
    getQuiz: (quizId) => get(`quizzes/${quizId}`),
    submitQuiz: (quiz_id, answers) => post('quizzes/submit', { quiz_id, answers }),
    completeChapter: (courseId, chapterId) => post(`progress/me/courses/${courseId}/chapters/${chapterId}`, {}),
    getProgress: (courseId) => get(`progress/me/courses/${courseId}`),
    recommendNextChapter: (course_id) => post('hybrid/adaptive-learning', { course_id }),
    assessFreeText: (quiz_id, question_id, user_response) =>
      post('hybrid/llm-assessment', { quiz_id, question_id, user_response }),
    synthesizeChapters: (course_id, chapter_ids) => post('hybrid/synthesis', { course_id, chapter_ids }),
    askMentor: (course_id, question, session_id) => post('hybrid/mentor-session', { course_id, question, session_id }),
    getHybridUsage: () => get('hybrid/usage/me'),
  };
}
