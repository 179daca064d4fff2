import type { AnswerOf } from './answer-shapes.js';
import { type ChapterWork, MASTERED, masteryOf } from './mastery.js';

/** A path through a course. */
export type AdaptivePath = AnswerOf<'adaptive_learning'>;

/** How many chapters are recommended at the most. */
const RECOMMENDED = 5;

interface Assessed extends ChapterWork {
  mastery: number | null;
}

/** What to study next by rule: the weakest chapter that was begun, then the next ones that were not. */
export function planPath(open: ChapterWork[], currentId: string | undefined, now: Date): AdaptivePath {
  const chapters = open.map((chapter): Assessed => ({ ...chapter, mastery: masteryOf(chapter, now) }));
  const current = chapters.find(({ chapterId }) => chapterId === currentId);
  const weak = chapters
    .filter(({ mastery, order }) => mastery !== null && mastery < MASTERED && order <= (current?.order ?? Infinity))
    .sort((one, other) => (one.mastery ?? 0) - (other.mastery ?? 0) || one.order - other.order);
  const ahead = chapters.filter(({ mastery, isCompleted }) => mastery === null && !isCompleted);
  const next = [...ahead.filter(({ order }) => order >= (current?.order ?? 0)), ...ahead];
  const chosen = [...new Set([...weak, ...next])].slice(0, RECOMMENDED);
  const recommended = chosen.length > 0 ? chosen : chapters.slice(-1);
  const begun = chapters.filter(({ mastery }) => mastery !== null);
  return {
    recommended_next_chapter: recommended[0].chapterId,
    confidence: Math.min(0.9, 0.3 + 0.1 * begun.filter(({ scores }) => scores.length > 0).length),
    learning_style: styleOf(begun),
    improvement_areas: weak.slice(0, RECOMMENDED).map(({ title }) => title),
    estimated_time_to_mastery: `about ${recommended.reduce((sum, { estimatedMinutes }) => sum + estimatedMinutes, 0)} minutes`,
    reasoning: `${begun.length} of ${chapters.length} open chapters are begun, ${weak.length} of them are below ${percent(MASTERED)}.`,
    recommendations: recommended.map((chapter, index) => ({
      chapter_id: chapter.chapterId,
      reason: reasonFor(chapter),
      priority: index === 0 ? 'high' : chapter.mastery === null ? 'low' : 'medium',
      estimated_minutes: chapter.estimatedMinutes,
    })),
  };
}

function reasonFor({ mastery, isCompleted, hasQuiz, scores }: Assessed): string {
  if (mastery === null) return 'Not begun yet, and next in the order of the course.';
  const [latest] = [...scores].sort((one, other) => other.submittedAt.getTime() - one.submittedAt.getTime());
  if (!latest && !hasQuiz) return 'Read; it has no quiz that would tell more.';
  if (!latest) return `Read, but no quiz of it is answered: mastery is estimated at ${percent(mastery)}.`;
  const attempts = scores.reduce((sum, score) => sum + score.attempts, 0);
  const read = isCompleted ? 'read' : 'not marked as read';
  return (
    `Mastery is estimated at ${percent(mastery)}: ${read}, the latest score ${percent(latest.score)} ` +
    `on ${latest.submittedAt.toISOString().slice(0, 10)}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`
  );
}

function styleOf(begun: Assessed[]): string {
  const answered = begun.filter(({ scores }) => scores.length > 0).length;
  if (begun.length === 0) return 'not known yet: nothing is begun';
  if (answered === 0) return 'reads without answering quizzes';
  return answered >= begun.length / 2 ? 'learns by answering quizzes' : 'reads first and answers few quizzes';
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
