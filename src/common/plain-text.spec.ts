import { toPlainText } from './plain-text.js';

describe('plain text', () => {
  it('parts headings from what stands below them', () => {
    expect(toPlainText('# One `two`\n\nthree\n\nFour?\n====\n\nfive')).toEqual({
      headings: ['One two', 'Four?'],
      blocks: ['One two:', 'three', 'Four?', 'five'],
    });
  });

  it.each([
    ['**bold** _it_ ~~x~~ `code`', 'bold it x code'],
    ['[a link](https://example.com "title")', 'a link'],
    ['![an image](x.png)', 'an image'],
    ['<b>bold</b> line<br>break', 'bold line break'],
    ['a <!-- hidden --> b', 'a b'],
    ['> - quoted *item*', 'quoted item'],
    ['&lt;T&gt; &amp; more', '<T> & more'],
    ['a\nb', 'a b'],
    ['> [!TIP]\n> Mind the gap', 'Mind the gap'],
    ['<Tip>\nA **bold** [link](x.html)\n</Tip>', 'A bold link'],
    ['<p>1 &lt; 2</p>', '1 < 2'],
  ])('takes the marks off %s', (markdown, text) => {
    expect(toPlainText(markdown).blocks.join(' ').replace(/\s+/g, ' ')).toBe(text);
  });

  it('keeps code without its fence and its language', () => {
    expect(toPlainText('```rust,ignore\nlet x = 1;\n```\n\n    indented()').blocks).toEqual([
      'let x = 1;',
      'indented()',
    ]);
  });

  it('shows what a page shows of HTML blocks', () => {
    const html = '<div><p>seen</p><script>alert(1)</script><style>p {}</style></div>\n';
    expect(toPlainText(html).blocks.join(' ')).toBe('seen');
  });

  it("keeps a table's cells", () => {
    expect(toPlainText('| a | b |\n|---|---|\n| c | d |').blocks).toEqual(['a', 'b', 'c', 'd']);
  });
});
