import * as fc from 'fast-check';
import { readingMinutes, splitChapter } from './chapter-source.js';

const contentOf = (text: string) => splitChapter({ path: 'chapters/x.md', text })?.content;

describe("a chapter's text", () => {
  it.each([
    ['text', 'text\n'],
    ['\n\n \t\n    code\ntext\n\n\n', '    code\ntext\n'],
    ['a  \n---\nb\n', 'a  \n---\nb\n'],
    ['', '\n'],
  ])('%j is served as %j', (body, served) => {
    expect(contentOf(`---\ntitle: x\n---\n${body}`)).toBe(served);
  });

  it('is served to the byte, but for blank lines around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const body = `x${text.replace(/\r/g, '')}x`;
        expect(contentOf(`---\ntitle: x\n---\n\n${body}\n\n`)).toBe(`${body}\n`);
      }),
    );
  });

  it('may follow an empty front matter, or one after a byte order mark', () => {
    expect(contentOf('---\n---\ntext\n')).toBe('text\n');
    expect(contentOf('\ufeff---\ntitle: x\n---\ntext\n')).toBe('text\n');
  });
});

describe('the reading time', () => {
  it.each([
    ['', 1],
    ['one two', 1],
    ['word '.repeat(299), 1],
    ['word\n'.repeat(300), 2],
    ['word\t'.repeat(2000), 10],
  ])('of %.10j… is %d minutes', (text, minutes) => {
    expect(readingMinutes(text)).toBe(minutes);
  });
});
