import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { readAnswers } from '../../src/quizzes/answers.js';
import { gradeQuiz } from '../../src/quizzes/grading.js';
import type { Question, Reveal } from '../../src/quizzes/question.js';
import type { Quiz } from '../../src/quizzes/quiz.entity.js';
import { toResult } from '../../src/quizzes/result.js';
import { ACTIVITY, activityValues } from './activity.js';
import type { Sql } from './sql.js';
import { readToken } from './token.js';

const QUIZ = `
  SELECT quiz.*, chapter.title AS chapter_title
  FROM quizzes AS quiz JOIN chapters AS chapter ON chapter.id = quiz.chapter_id
    JOIN courses AS course ON course.id = quiz.course_id AND course.published
  WHERE quiz.id = :quiz AND NOT quiz.is_premium AND NOT chapter.is_premium`;

const SCORE = `
  INSERT INTO quiz_scores (user_id, quiz_id, course_id, score, passed, best_score, attempts, submitted_at)
  VALUES (:user, :quiz, :course, :score, :passed, :score, 1, :at)
  ON CONFLICT (user_id, quiz_id) DO UPDATE SET
    score = excluded.score, passed = excluded.passed, submitted_at = excluded.submitted_at,
    attempts = quiz_scores.attempts + 1, best_score = CASE WHEN quiz_scores.best_score > excluded.best_score
      THEN quiz_scores.best_score ELSE excluded.best_score END`;

const ATTEMPT = `
  INSERT INTO quiz_attempts (user_id, quiz_id, submission_id, answers, score, passed, result, completed_at)
  VALUES (:user, :quiz, :submission, :answers, :score, :passed, :result, :at) RETURNING id`;

interface QuizRow {
  id: string;
  course_id: string;
  chapter_title: string;
  questions: string;
  passing_score: number;
  reveal: Reveal;
}

interface Submission {
  quiz_id: string;
  answers: Record<string, unknown>;
}

/** Submissions: the quiz is read, graded by our rules, and all that is stored of it in one transaction. */
export function serveQuizzes(server: FastifyInstance, sql: Sql): void {
  server.post<{ Body: Submission }>('/api/v1/quizzes/submit', async ({ headers, body }, reply) => {
    const user = readToken(headers.authorization);
    const [row] = await sql.read<QuizRow>(QUIZ, { quiz: body.quiz_id });
    if (!row) return reply.status(404).send();
    const questions = JSON.parse(row.questions) as Question[];
    const grade = gradeQuiz(questions, readAnswers(questions, body.answers), row.passing_score);
    const now = new Date();
    const result = toResult(toQuiz(row), grade, now);
    const [{ id }] = await sql.write<{ id: number }>([SCORE, ...ACTIVITY, ATTEMPT], {
      ...activityValues(sql, user, row.course_id, now),
      quiz: row.id,
      submission: randomUUID(),
      answers: JSON.stringify(body.answers),
      score: grade.score,
      passed: Number(grade.passed),
      result: JSON.stringify(result),
    });
    return { attempt_id: id, ...result };
  });
}

function toQuiz({ id, chapter_title, passing_score, reveal }: QuizRow): Quiz {
  return { id, passingScore: passing_score, reveal, chapter: { title: chapter_title } } as Quiz;
}
