import fc from 'fast-check';
import { ID_PATTERN } from '../common/ids.js';
import { SECTION_LIMIT, type Section } from './section.js';
import { toSections } from './sections.js';

const TITLE = 'The chapter';
const sections = (text: string) => toSections(text, TITLE);
const ids = (text: string) => sections(text).map(({ id }) => id);
const contents = (text: string) => sections(text).map(({ content }) => content);

describe('the sections of a chapter', () => {
  it('begin at its headings down to the third level', () => {
    const parts = ['# One\n\na\n\n', '## Two\n\n', '### Three ###\n#### Four\n', 'Five\n====\n'];
    expect(contents(parts.join(''))).toEqual(parts);
    expect(sections(parts.join('')).map(({ id, title, level }) => [id, title, level])).toEqual([
      ['one', 'One', 1],
      ['two', 'Two', 2],
      ['three', 'Three', 3],
      ['five', 'Five', 1],
    ]);
  });

  it.each([
    '```sh\n# a comment\n```\n',
    '~~~\n## not closed\n',
    '    # code\n',
    '> # quoted\n',
    '- # listed\n\n  ## too\n',
    '<div>\n# in HTML\n</div>\n',
    '<!--\n# hidden\n-->\n',
    '\\# escaped\n',
    '#hashtag\n',
    '#### Four\n',
    '---\n',
    '| a |\n|---|\n| # b |\n',
  ])('do not begin at what is no heading of its own: %j', (text) => {
    expect(sections(text)).toEqual([{ id: 'introduction', title: TITLE, level: 0, start: 0, content: text }]);
  });

  it('begin with what stands before the first heading, if that is more than blank lines', () => {
    expect(contents('a\n\n# One\n')).toEqual(['a\n\n', '# One\n']);
    expect(contents('\n \n# One\n')).toEqual(['\n \n# One\n']);
  });

  it.each(['', '\n', 'a'])('are one where there is no heading: %j', (text) => {
    expect(contents(text)).toEqual([text]);
  });

  it('keep every kind of line end', () => {
    expect(contents('a\r\n# One\rb\r# Two\n')).toEqual(['a\r\n', '# One\rb\r', '# Two\n']);
  });

  it('have the words of their headings for titles', () => {
    const title = (text: string) => sections(text)[0].title;
    expect(title('# The `Option` *enum* &amp; [link](x.html) <a id="x"></a>\n')).toBe('The Option enum & link');
    expect(title('# See [this]\n\n[this]: x.html\n')).toBe('See this');
    expect(title('# ![a picture](x.png)\n')).toBe('a picture');
    expect(title('#\n')).toBe(TITLE);
    expect(Array.from(title(`# ${'🦀'.repeat(500)}\n`))).toEqual([...'🦀'.repeat(99), '…']);
  });
});

describe('the id of a section', () => {
  it.each([
    ["What's new in `HashMap<K, V>`?", 'whats-new-in-hashmap-k-v'],
    ['Über ﬁne Crème', 'uber-fine-creme'],
    ['1.2 Types', '1-2-types'],
    ['Straße', 'strasse'],
    ['🚀 Start', 'start'],
  ])('is made of the words of the heading %j', (heading, id) => {
    expect(ids(`# ${heading}\n`)).toEqual([id]);
  });

  it.each([
    'Введение',
    '入門',
    'مقدمة',
    '🦀🚀',
    '***',
    '٣',
    'Основы Python',
    'Łódź',
    'word '.repeat(11),
    'x'.repeat(49),
  ])('is told apart by a hash where ASCII has no words for the heading %j, or too many', (heading) => {
    const [id, other] = ids(`# ${heading}\n\n# ${heading.trim()} ж\n`);
    expect(id).toMatch(/^[a-z0-9-]+-[0-9a-f]{8}$/);
    expect(id).toMatch(ID_PATTERN);
    expect(ids(`# Before\n\n# ${heading}\n`)[1]).toBe(id);
    expect(other.slice(-8)).not.toBe(id.slice(-8));
  });

  it("is numbered where headings are alike, and is never another's for that", () => {
    expect(ids('# A\n# A\n# A 2\n# A\n#\n#\n')).toEqual(['a', 'a-3', 'a-2', 'a-4', 'section', 'section-2']);
    expect(ids('text\n# Introduction\n# Introduction\n')).toEqual(['introduction-3', 'introduction', 'introduction-2']);
  });

  it('is never that which stands for the first one', () => {
    expect(ids('# First\n# Second\n')).toEqual(['first-2', 'second']);
    expect(ids('# Second\n# First\n# First 2\n')).toEqual(['second', 'first-3', 'first-2']);
  });
});

describe('a section that is too long', () => {
  const paragraph = (letter: string, length: number) => `${letter.repeat(length - 2)}\n\n`;
  const fence = (lines: number) => `\`\`\`\n${'x = 1\n\n'.repeat(lines)}\`\`\`\n`;

  it('is parted at the beginning of a block', () => {
    const parts = [
      `# Long\n\n${paragraph('a', 15_000)}`,
      `${paragraph('b', 9000)}${paragraph('c', 9000)}`,
      fence(1000),
    ];
    expect(contents(parts.join(''))).toEqual(parts);
    expect(sections(parts.join('')).map(({ id, title, level }) => [id, title, level])).toEqual([
      ['long', 'Long', 1],
      ['long-part-2', 'Long (part 2)', 1],
      ['long-part-3', 'Long (part 3)', 1],
    ]);
  });

  it('is parted at the beginning of a line where a block is longer', () => {
    const [one, two] = contents(fence(3000));
    expect(one.length).toBeGreaterThan(SECTION_LIMIT - 10);
    expect(two).toMatch(/^\n?x = 1\n/);
  });

  it('is parted after a word where a line is longer, and within a word only where it must', () => {
    expect(contents('word '.repeat(5000)).map(({ length }) => length)).toEqual([19_995, 5005]);
    expect(contents('x'.repeat(25_000)).map(({ length }) => length)).toEqual([19_999, 5001]);
    expect(contents(`x${'🦀'.repeat(15_000)}`).every((content) => content.isWellFormed())).toBe(true);
    expect(contents('🦀'.repeat(15_000)).map(({ length }) => length)).toEqual([19_998, 10_002]);
  });

  it('gives its parts ids that no heading has', () => {
    const long = paragraph('a', 15_000).repeat(2);
    expect(ids(`# A\n\n${long}# A part 2\n\n# A\n\n${long}`)).toEqual([
      'a',
      'a-part-2-2',
      'a-part-2',
      'a-2',
      'a-2-part-2',
    ]);
  });
});

/** Markdown of pieces that have caught parsers out. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '# A\n',
        '## A 2\n',
        '#\n',
        '# First\n',
        '# Introduction\n',
        'a\n===\n',
        '#### Deep\n',
        '\n',
        '\r\n',
      ),
      fc.constantFrom('```\n', '~~~\n', '> ', '- ', '    ', '\t', '<div>\n', '<!--', '-->', '[a]: b\n', '|a|\n|-|\n'),
      fc.constantFrom(
        '🦀'.repeat(10_001),
        'x'.repeat(19_999),
        'x'.repeat(20_000),
        'word '.repeat(7000),
        '\n'.repeat(20_001),
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((heading) => `\n\n# ${heading}\n\n`),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

it('whatever the Markdown, the contents are the text, each short enough, whole characters, with an id of its own', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const all = sections(text);
      expect(all.map(({ content }) => content).join('') === text).toBe(true);
      for (const { id, title, content, start } of all) {
        expect(id).toMatch(ID_PATTERN);
        expect(id).not.toBe('first');
        expect(title).not.toBe('');
        expect(content.length).toBeLessThan(SECTION_LIMIT);
        expect(text.startsWith(content, start)).toBe(true);
        expect(content.isWellFormed()).toBe(text.isWellFormed());
      }
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      expect(sections(text)).toEqual(all);
    }),
    { numRuns: 300 },
  );
});

it('whatever the headings, ids stay when another section is put between', () => {
  const heading = fc.string({ unit: 'grapheme', maxLength: 12 }).map((words) => words.replace(/[\r\n]/g, ' '));
  const added = 'Added between the others';
  fc.assert(
    fc.property(fc.uniqueArray(heading, { maxLength: 12 }), fc.nat(12), fc.boolean(), (headings, at, isIntroduced) => {
      const write = (list: string[]) => list.map((words) => `# ${words}\n\ntext\n\n`).join('');
      const before = ids(write(headings));
      const after = ids((isIntroduced ? 'Hello.\n\n' : '') + write(headings.toSpliced(at, 0, added)));
      expect(after).toEqual(expect.arrayContaining(headings.length > 0 ? before : []));
    }),
  );
});

it.each([
  ['headings', '## Another heading of many\n\ntext\n'],
  ['lines', 'a\n'],
  ['long headings', `### ${'Ünïcode '.repeat(400)}\n`],
  ['crabs', '🦀'],
])('a chapter of 2 MiB of %s has sections whose list an app can read at once', (_what, piece) => {
  const text = piece.repeat((2 * 1024 * 1024) / piece.length);
  const list = sections(text).map(({ id, title, level, content }: Section) => [id, title, level, content.length]);
  expect(JSON.stringify(list).length).toBeLessThan(60_000);
});
