import { writeFeedback } from './feedback.js';
import type { Grade, QuizGrade } from './grading.js';
import type { Question, Reveal } from './question.js';
import type { Quiz } from './quiz.entity.js';
import type { QuestionResultDto, QuizResultDto } from './quizzes.dto.js';

/** The result of a graded submission but for its id, which the database gives. */
export function toResult(quiz: Quiz, grade: QuizGrade, completedAt: Date): Omit<QuizResultDto, 'attempt_id'> {
  const isRevealed = reveals(quiz.reveal, grade.passed);
  return {
    quiz_id: quiz.id,
    score: grade.score,
    passed: grade.passed,
    passing_score: quiz.passingScore,
    feedback: writeFeedback(grade, quiz.passingScore, quiz.chapter.title),
    results: grade.grades.map((item) => toQuestionResult(item, isRevealed)),
    completed_at: completedAt,
  };
}

function reveals(reveal: Reveal, passed: boolean): boolean {
  switch (reveal) {
    case 'after_submit':
      return true;
    case 'after_pass':
      return passed;
    case 'never':
      return false;
  }
}

/** An unanswered question never shows its answer, nor does one whose answer is not graded here. */
function toQuestionResult({ question, score, isAnswered }: Grade, isRevealed: boolean): QuestionResultDto {
  return {
    question_id: question.id,
    correct: score === null ? null : score === 1,
    score,
    points: question.points,
    ...(isRevealed && isAnswered && score !== null && revealed(question)),
  };
}

function revealed(question: Question): Partial<QuestionResultDto> {
  const { explanation } = question;
  return {
    correct_answer: question.type === 'ordering' ? question.options : question.correctAnswer,
    ...(explanation !== undefined && { explanation }),
    ...('optionExplanations' in question && { option_explanations: question.optionExplanations }),
  };
}
