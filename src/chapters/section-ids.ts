import { createHash } from 'node:crypto';
import { fold } from '../common/text.js';

/** Stands for the first section wherever a section's id is asked for, and so is the id of none. */
export const FIRST_SECTION = 'first';

const MAX_SLUG = 48;

/** Gives each section of a chapter an id of its own. */
export class SectionIds {
  private readonly taken: Set<string>;
  private readonly kept: Set<string>;

  /** @param slugs those of all headings: each is kept for the first that wants it, whatever is numbered before */
  constructor(slugs: string[]) {
    this.taken = new Set([FIRST_SECTION, ...slugs]);
    this.kept = new Set(slugs);
    this.kept.delete(FIRST_SECTION);
  }

  /** The id that is wanted if nothing has it, else with the first number from 2 that is free. */
  claim(wanted: string): string {
    if (this.kept.delete(wanted)) return wanted;
    let id = wanted;
    for (let number = 2; this.taken.has(id); number++) id = `${wanted}-${number}`;
    this.taken.add(id);
    return id;
  }
}

/**
 * A heading's words in ASCII, joined by hyphens. Where that loses letters, as of another script, a hash of the heading
 * tells it from others; so it does for a heading without any.
 */
export function slug(heading: string): string {
  if (heading === '') return 'section';
  const folded = fold(heading).replace(/['’]/g, '');
  const whole = (folded.match(/[a-z0-9]+/g) ?? []).join('-');
  if (whole !== '' && whole.length <= MAX_SLUG && !/[^a-z0-9\P{L}]|[^0-9\P{N}]/u.test(folded)) return whole;
  const hash = createHash('sha256').update(heading).digest('hex').slice(0, 8);
  return `${whole.slice(0, MAX_SLUG).replace(/-$/, '') || 'section'}-${hash}`;
}
