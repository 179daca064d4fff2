import { foldCase, withoutInvisible, withoutQuotes } from '../common/text.js';
import type { Answer, Answers, Question } from './question.js';

/** What a score may be off by for adding up fractions. */
const SCORE_TOLERANCE = 1e-9;
/** What the difference of two numbers may be off by for being binary fractions, relative to them. */
const ROUNDING = 4 * Number.EPSILON;

/** The grade of one question. */
export interface Grade {
  question: Question;
  /** Null where it is not graded by rule: free text. */
  score: number | null;
  isAnswered: boolean;
}

export interface QuizGrade {
  /** The sum of score × points over the sum of points, of the questions that are graded; 0 to 1. */
  score: number;
  passed: boolean;
  grades: Grade[];
}

/** Whether any question can be graded by rule, so that a submission has a score. */
export function isGradable(questions: Question[]): boolean {
  return questions.some(({ type }) => type !== 'free_text');
}

/**
 * Grades a whole submission. Pure; the order in which the answers come does not matter. At least one of the questions
 * must be gradable.
 */
export function gradeQuiz(questions: Question[], answers: Answers, passingScore: number): QuizGrade {
  const grades = questions.map((question): Grade => {
    const answer = answers.get(question.id);
    return {
      question,
      score: question.type === 'free_text' ? null : gradeAnswer(question, answer),
      isAnswered: answer !== undefined,
    };
  });
  let earned = 0;
  let possible = 0;
  for (const { question, score } of grades) {
    if (score === null) continue;
    earned += score * question.points;
    possible += question.points;
  }
  const score = Math.min(1, earned / possible);
  return { score, passed: score >= passingScore - SCORE_TOLERANCE, grades };
}

/** Grades one answer that has been read for its question. Pure; 0 ≤ score ≤ 1, a missing answer is 0. */
export function gradeAnswer(question: Exclude<Question, { type: 'free_text' }>, answer: Answer | undefined): number {
  if (answer === undefined) return 0;
  switch (question.type) {
    case 'single_choice':
    case 'true_false':
      return answer === question.correctAnswer ? 1 : 0;
    case 'multiple_choice':
      return gradeChoices(question.correctAnswer, answer as string[]);
    case 'short_text':
      return isSameText([question.correctAnswer, ...question.acceptedAnswers], String(answer)) ? 1 : 0;
    case 'numeric':
      return isNear(Number(answer), question.correctAnswer, question.tolerance) ? 1 : 0;
    case 'ordering':
      return gradeOrder(question.options, answer as string[]);
  }
}

/** (right chosen − wrong chosen) / right, not below 0, so that choosing everything earns nothing by chance. */
function gradeChoices(right: string[], chosen: string[]): number {
  const hits = chosen.filter((option) => right.includes(option)).length;
  return Math.max(0, (hits - (chosen.length - hits)) / right.length);
}

/**
 * 1 if the whole order is right, else the share of the key's neighbouring pairs that stand next to each other in the
 * answer, in that order.
 */
function gradeOrder(key: string[], order: string[]): number {
  if (key.every((item, index) => item === order[index])) return 1;
  const pairs = key.slice(1).map((item, index) => [key[index], item]);
  const kept = pairs.filter(([first, second]) => order.indexOf(second) === order.indexOf(first) + 1);
  return kept.length / pairs.length;
}

/** Without a tolerance only the number itself is right. */
function isNear(answer: number, key: number, tolerance: number): boolean {
  if (tolerance === 0) return answer === key;
  return Math.abs(answer - key) <= tolerance + ROUNDING * Math.max(Math.abs(answer), Math.abs(key));
}

function isSameText(accepted: string[], answer: string): boolean {
  const normal = normalText(answer);
  return accepted.some((text) => normalText(text) === normal);
}

/** Text without its case, extra white space and the quotes around it; what is nothing but quotes keeps them. */
function normalText(text: string): string {
  const plain = foldCase(withoutInvisible(text)).trim().replace(/\s+/g, ' ');
  return withoutQuotes(plain) || plain;
}
