import { excerpt, EXCERPT_LENGTH } from './excerpt.js';

const weights = new Map([
  ['own', 2],
  ['borrow', 2],
  ['valu', 0.5],
]);
const filler = Array.from({ length: 120 }, (_word, index) => `filler${index}`).join(' ');

describe('an excerpt', () => {
  it('is the passage with most of what was asked for, its matches marked', () => {
    const text = `It owns nothing. ${filler}\nWhoever owns a value may let others borrow it. ${filler}`;
    const { marked, matches } = excerpt(text, weights);
    expect(marked).toContain('**owns** a **value** may let others **borrow** it.');
    expect(marked.replaceAll('**', '').length).toBeLessThanOrEqual(EXCERPT_LENGTH);
    expect(matches.map(({ stem }) => stem)).toEqual(['own', 'valu', 'borrow']);
    expect(matches[0].start).toBe(text.indexOf('owns a'));
  });

  it('leaves the asterisks of the text apart from its own', () => {
    expect(excerpt('let x = * *owned; f(* *own) *own*', weights).marked).toBe(
      'let x = * **owned**; f(* **own**) **own**',
    );
  });

  it('is the whole of a short text', () => {
    expect(excerpt('Owned\nby nobody', weights).marked).toBe('**Owned** by nobody');
  });

  it('is the beginning where nothing matches', () => {
    const { marked, matches } = excerpt(`Begin here. ${filler}`, weights);
    expect(marked).toMatch(/^Begin here\. .*…$/);
    expect(marked).not.toContain('**');
    expect(matches).toEqual([]);
  });

  it('tells where it leaves something out, and breaks no word', () => {
    const { marked } = excerpt(`${filler} owning ${filler}`, weights);
    expect(marked).toMatch(/^…(filler\d+ )+\*\*owning\*\*( filler\d+)+…$/);
  });

  it.each([
    '',
    'x'.repeat(2000),
    `${'x'.repeat(400)} owns ${'y'.repeat(400)}`,
    '🦀'.repeat(500),
    `own ${'🦀'.repeat(300)}`,
    `own, ${'🦀'.repeat(300)}`,
    'own '.repeat(500),
    '\n\n\n',
  ])('keeps its length and whole characters, whatever the text', (text) => {
    const { marked } = excerpt(text, weights);
    expect(marked.replaceAll('**', '').length).toBeLessThanOrEqual(EXCERPT_LENGTH);
    expect(marked.isWellFormed()).toBe(true);
  });
});
