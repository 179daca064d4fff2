import { planPath } from './adaptive-path.js';
import { type ChapterWork, masteryOf } from './mastery.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const work = (order: number, more: Partial<ChapterWork> = {}): ChapterWork => ({
  chapterId: `c${order}`,
  title: `Chapter ${order}`,
  order,
  estimatedMinutes: 10,
  isCompleted: false,
  hasQuiz: true,
  scores: [],
  ...more,
});
const score = (share: number, days = 0, attempts = 1) => [
  { score: share, bestScore: share, attempts, submittedAt: daysAgo(days) },
];

describe('mastery', () => {
  it('is not known of what was not begun, and little of what was only read', () => {
    expect(masteryOf(work(1), NOW)).toBeNull();
    expect(masteryOf(work(1, { isCompleted: true }), NOW)).toBe(0.6);
  });

  it('is what was shown, and fades by half in two weeks, more slowly after practice', () => {
    expect(masteryOf(work(1, { scores: score(0.9) }), NOW)).toBeCloseTo(0.9);
    expect(masteryOf(work(1, { scores: score(0.9, 14) }), NOW)).toBeCloseTo(0.45);
    expect(masteryOf(work(1, { scores: score(0.9, 14, 2) }), NOW)).toBeCloseTo(0.9 * 2 ** -0.5);
    const better = [{ score: 0.3, bestScore: 0.9, attempts: 2, submittedAt: NOW }];
    expect(masteryOf(work(1, { scores: better }), NOW)).toBeCloseTo(0.5);
  });

  it('does not grow when the clock goes back', () => {
    expect(masteryOf(work(1, { scores: score(1, -3) }), NOW)).toBe(1);
  });
});

describe('the path', () => {
  it('leads to the weakest chapter up to the current one, then on', () => {
    const chapters = [
      work(1, { isCompleted: true, scores: score(0.95) }),
      work(2, { isCompleted: true, scores: score(0.4) }),
      work(3, { isCompleted: true, scores: score(0.1) }),
      work(4),
      work(5, { scores: score(0) }),
    ];
    const path = planPath(chapters, 'c4', NOW);
    expect(path.recommendations.map(({ chapter_id }) => chapter_id)).toEqual(['c3', 'c2', 'c4']);
    expect(path.recommendations.map(({ priority }) => priority)).toEqual(['high', 'medium', 'low']);
  });

  it('goes on from a chapter that was read and has no quiz', () => {
    const chapters = [work(1, { isCompleted: true, hasQuiz: false }), work(2)];
    const { recommended_next_chapter, improvement_areas } = planPath(chapters, undefined, NOW);
    expect([recommended_next_chapter, improvement_areas]).toEqual(['c2', []]);
    expect(planPath(chapters.slice(0, 1), undefined, NOW).recommendations[0].reason).toMatch(/has no quiz/);
  });

  it('has something to say when everything is mastered', () => {
    const path = planPath([work(1, { isCompleted: true, scores: score(1) })], undefined, NOW);
    expect(path.recommended_next_chapter).toBe('c1');
  });
});
