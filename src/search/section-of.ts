import type { Match } from './excerpt.js';
import type { SectionPlace } from './search-entry.entity.js';

/**
 * The id of the section in which most of what was asked for matches: the first one where nothing does.
 * @param weights what each stem counts
 */
export function sectionOf(
  matches: Match[],
  sections: SectionPlace[],
  weights: ReadonlyMap<string, number>,
): string | null {
  const counts = sections.map(({ start }, index) => {
    const end = sections.at(index + 1)?.start ?? Infinity;
    const stems = new Set(matches.filter((match) => match.start >= start && match.start < end).map(({ stem }) => stem));
    return [...stems].reduce((count, stem) => count + (weights.get(stem) ?? 0), 0);
  });
  return sections.at(counts.indexOf(Math.max(...counts)))?.id ?? null;
}
