import { sectionOf } from './section-of.js';

describe('the section of a passage', () => {
  const sections = [
    { id: 'empty', start: 0 },
    { id: 'one', start: 0 },
    { id: 'two', start: 20 },
  ];
  const weights = new Map([
    ['own', 2],
    ['borrow', 2],
    ['valu', 0.5],
  ]);
  const at = (stem: string, start: number) => ({ stem, start, end: start + 5 });

  it('is that in which most of what was asked for matches', () => {
    expect(sectionOf([at('own', 3)], sections, weights)).toBe('one');
    expect(sectionOf([at('own', 10), at('own', 20), at('borrow', 30)], sections, weights)).toBe('two');
    expect(sectionOf([at('valu', 5), at('valu', 10), at('valu', 15), at('own', 20)], sections, weights)).toBe('two');
  });

  it('is the first one where nothing matches, and none where none is known', () => {
    expect(sectionOf([], sections, weights)).toBe('empty');
    expect(sectionOf([at('own', 3)], [], weights)).toBeNull();
  });
});
