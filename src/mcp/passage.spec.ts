import fc from 'fast-check';
import { SECTION_LIMIT } from '../chapters/section.js';
import { passageFrom } from './passage.js';

const sectionsOf = (lengths: number[]) =>
  lengths.map((characters, index) => ({ id: `s${index}`, title: '', level: 1, characters }));

it('reads a chapter of any sections in parts below the limit that make up all of it, in as few as can be', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: SECTION_LIMIT - 1 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(lengths, (all) => {
      const text = all.map((length, index) => String(index % 10).repeat(length)).join('');
      const parts: string[] = [];
      for (let at: string | null = 'first'; at !== null;) {
        const { content, next_section_id } = passageFrom(text, sectionsOf(all), at);
        parts.push(content);
        at = next_section_id;
      }
      expect(parts.join('')).toBe(text);
      for (const [index, part] of parts.entries()) {
        expect(part.length).toBeLessThan(SECTION_LIMIT);
        if (index > 0) expect(parts[index - 1].length + part.length).toBeGreaterThanOrEqual(SECTION_LIMIT);
      }
    }),
  );
});

it('knows no section that is not there, and reads nothing of a chapter that has just changed', () => {
  expect(() => passageFrom('ab', sectionsOf([1, 1]), 's2')).toThrow('no such section');
  expect(() => passageFrom('abc', sectionsOf([1, 1]), 'first')).toThrow('just been changed');
});
