import type { QuizGrade } from './grading.js';

/**
 * What was right, how far it is to passing and what to read again. It tells no answer.
 * @param passingScore the least score that passes, 0 to 1
 * @param chapterTitle of the chapter that the quiz is about
 */
export function writeFeedback(
  { score, passed, grades }: QuizGrade,
  passingScore: number,
  chapterTitle: string,
): string {
  const graded = grades.filter((grade) => grade.score !== null);
  const rightOnes = graded.filter((grade) => grade.score === 1).map(({ question }) => question.id);
  const right = rightOnes.length;
  const missing = graded.filter((grade) => !grade.isAnswered).length;
  const ungraded = grades.length - graded.length;
  const sentences = [
    `${right} of ${count(graded.length, 'question')} right, ${percent(score)} in all: ${verdict(score, passed, passingScore)}.`,
    right > 0 && right < graded.length && `Right: ${rightOnes.join(', ')}.`,
    missing > 0 && `${count(missing, 'question')} had no answer.`,
    right < graded.length && `Read “${chapterTitle}” again${passed ? ' for the rest' : ' and try once more'}.`,
    ungraded > 0 && `${count(ungraded, 'free-text answer')} not graded here.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

function verdict(score: number, passed: boolean, passingScore: number): string {
  return passed
    ? `passed, ${percent(passingScore)} were needed`
    : `not passed, ${percent(passingScore - score)} short of the ${percent(passingScore)} that are needed`;
}

/** A share of 1 as a percentage with one decimal at the most. */
function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
