import { toSections } from '../chapters/sections.js';
import { readChapter } from './chapter-text.js';

/** The words of each section, by its id. */
function wordsBySection(text: string): Map<string, string> {
  const { body, sections } = readChapter(text, 'The chapter');
  return new Map(sections.map(({ id, start }, index) => [id, body.slice(start, sections.at(index + 1)?.start).trim()]));
}

describe('what a search reads of a chapter', () => {
  it('is in its sections', () => {
    const text = 'Hello.\n\n# One\n\n* a\n* b\n\n<!-- -->\n\n# Two *more*\n\n<b>c</b>\n\n# Three\n';
    expect([...wordsBySection(text)]).toEqual([
      ['introduction', 'Hello.'],
      ['one', 'One:\na\nb'],
      ['two-more', 'Two more:\nc'],
      ['three', 'Three:'],
    ]);
    expect(readChapter(text, '').headings).toBe('One\nTwo more\nThree');
  });

  it('has no two asterisks in a row', () => {
    const text = '```\nf(**args, ***more)\n```\n\n# Two\n\n`**`\n';
    expect([...wordsBySection(text).values()]).toEqual(['f(* *args, * * *more)', 'Two:\n* *']);
  });

  const numbers = Array.from({ length: 9000 }, (_number, index) => `w${index}`);
  it.each([
    ['a paragraph', numbers.join(' ')],
    ['a paragraph of lines', numbers.join('\n')],
    ['marked words', numbers.map((word) => `**${word}** [_it_](x.html "y")`).join('\n')],
    ['code', `\`\`\`js\n${numbers.join('\n')}\n\`\`\`\n`],
    ['indented code', numbers.map((word) => `    ${word}`).join('\n')],
    ['a list', numbers.map((word) => `- ${word}`).join('\n')],
    ['a quotation', numbers.map((word) => `> ${word}\n`).join('')],
    ['a quotation of one paragraph', `> ${numbers.join(' ')}`],
    ['a table', `| a | b |\n|---|---|\n${numbers.map((word) => `| x | ${word} |\n`).join('')}`],
    ['HTML', `<table>\n${numbers.map((word) => `<tr><td>${word}</td></tr>\n`).join('')}</table>\n`],
    ['a heading', `# ${numbers.join(' ')}`],
  ])('is in the right part of a section that is too long: %s', (_what, text) => {
    const words = wordsBySection(text);
    const sections = toSections(text, 'The chapter');
    expect(sections.length).toBeGreaterThan(2);
    for (const { id, content } of sections) {
      expect([id, words.get(id)?.match(/\bw\d+\b/g)]).toEqual([id, content.match(/\bw\d+\b/g)]);
    }
  });
});
