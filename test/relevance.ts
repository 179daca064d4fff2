import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a learner types, and how well each chapter answers: 2 if it does, 1 if it helps. */
export interface Judged {
  query: string;
  answers: Map<string, number>;
}

export interface Relevance {
  /** The mean of 1 / place of the first chapter that answers; 0 where none is among the first ten. */
  mrr: number;
  /** The mean of the normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002). */
  ndcg: number;
}

const DEPTH = 10;
const ANSWERS = 2;

export function judgedQueries(): Judged[] {
  const text = readFileSync(join(__dirname, 'judged-queries.yaml'), 'utf8');
  const courses = parse(text) as Record<string, { query: string; answers: Record<string, number> }[]>;
  return Object.entries(courses).flatMap(([course, judged]) =>
    judged.map(({ query, answers }) => ({
      query,
      answers: new Map(Object.entries(answers).map(([chapter, grade]) => [`${course}-${chapter}`, grade])),
    })),
  );
}

/** How well a search does. `find` gives the ids of chapters, best first. */
export async function relevanceOf(
  judged: Judged[],
  find: (query: string) => Promise<string[]>,
  onEach: (query: string, place: number | null, found: string[]) => void = () => undefined,
): Promise<Relevance> {
  const sum: Relevance = { mrr: 0, ndcg: 0 };
  for (const { query, answers } of judged) {
    const found = (await find(query)).slice(0, DEPTH);
    const first = found.findIndex((id) => answers.get(id) === ANSWERS);
    sum.mrr += first < 0 ? 0 : 1 / (first + 1);
    sum.ndcg += gain(found.map((id) => answers.get(id) ?? 0)) / gain([...answers.values()].sort((a, b) => b - a));
    onEach(query, first < 0 ? null : first + 1, found);
  }
  return { mrr: sum.mrr / judged.length, ndcg: sum.ndcg / judged.length };
}

function gain(grades: number[]): number {
  return grades.slice(0, DEPTH).reduce((total, grade, index) => total + (2 ** grade - 1) / Math.log2(index + 2), 0);
}
