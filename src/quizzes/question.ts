export const QUESTION_TYPES = [
  'single_choice',
  'multiple_choice',
  'true_false',
  'short_text',
  'numeric',
  'ordering',
  'free_text',
] as const;

export type QuestionType = (typeof QUESTION_TYPES)[number];

/** When a quiz shows its answers and explanations to the learner who has submitted. */
export const REVEALS = ['after_submit', 'after_pass', 'never'] as const;

export type Reveal = (typeof REVEALS)[number];

interface QuestionBase {
  /** Unique in its quiz. */
  id: string;
  /** Markdown. */
  question: string;
  /** The question's weight in the score; above 0. */
  points: number;
  /** Markdown, shown after the submission that earns it. */
  explanation?: string;
}

interface ChoiceQuestion extends QuestionBase {
  options: string[];
  optionExplanations?: Record<string, string>;
}

/** A question with its answer key, as it is stored. Never sent to a learner as it is. */
export type Question =
  | (ChoiceQuestion & { type: 'single_choice'; correctAnswer: string })
  | (ChoiceQuestion & { type: 'multiple_choice'; correctAnswer: string[] })
  | (QuestionBase & { type: 'true_false'; correctAnswer: boolean })
  | (QuestionBase & { type: 'short_text'; correctAnswer: string; acceptedAnswers: string[] })
  | (QuestionBase & { type: 'numeric'; correctAnswer: number; tolerance: number })
  | (QuestionBase & { type: 'ordering'; options: string[] })
  | (QuestionBase & { type: 'free_text'; rubric: string; correctAnswer: string });

/** An answer in the form that its question's type asks for. */
export type Answer = string | string[] | number | boolean;

/** The answers of a submission by question id; a question that was not answered is not in it. */
export type Answers = ReadonlyMap<string, Answer>;
