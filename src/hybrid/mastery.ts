/** What is known of a learner's work on one chapter. */
export interface ChapterWork {
  chapterId: string;
  title: string;
  /** The place in the course, from 1. */
  order: number;
  estimatedMinutes: number;
  isCompleted: boolean;
  hasQuiz: boolean;
  /** The learner's standing in the chapter's quizzes. */
  scores: { score: number; bestScore: number; attempts: number; submittedAt: Date }[];
}

/** Reading alone says less than an answer, where one could be given. */
const READ = 0.6;
/** Days after which half of what was learned once is gone; each further attempt doubles them. */
const HALF_LIFE_DAYS = 14;
const MAX_DOUBLINGS = 4;
const DAY_MS = 86_400_000;

/** Below this a chapter is worth another look. */
export const MASTERED = 0.7;

/**
 * How well a chapter is known, 0 to 1; null if it was not begun. What the latest attempt showed, and half as much the
 * best one, fades with time by a half-life that grows with practice (after Settles and Meeder, "A Trainable Spaced
 * Repetition Model for Language Learning", 2016, with fixed instead of trained parameters).
 */
export function masteryOf({ isCompleted, hasQuiz, scores }: ChapterWork, now: Date): number | null {
  if (scores.length === 0) return !isCompleted ? null : hasQuiz ? READ : MASTERED;
  const each = scores.map(({ score, bestScore, attempts, submittedAt }) => {
    const days = Math.max(0, now.getTime() - submittedAt.getTime()) / DAY_MS;
    const halfLife = HALF_LIFE_DAYS * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS);
    return ((2 * score + bestScore) / 3) * 2 ** (-days / halfLife);
  });
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}
