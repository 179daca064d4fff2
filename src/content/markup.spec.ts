import { findActiveMarkup } from './markup.js';

describe('markup that runs or loads something', () => {
  it.each([
    ['<script>alert(1)</script>', '<script>'],
    ['text <SCRIPT src=x></SCRIPT>', '<script>'],
    ['<iframe src="https://example.com"></iframe>', '<iframe>'],
    ['<img src=x onerror="alert(1)">', 'the event attribute onerror'],
    ['<p\nonclick=x>', 'the event attribute onclick'],
    ['<div>\n<svg/onload=alert(1)>\n</div>', 'the event attribute onload'],
    ['[x](javascript:alert(1))', 'a javascript: link'],
    ['[x](JaVaScRiPt:alert(1))', 'a javascript: link'],
    ['[x](java&#115;cript:alert(1))', 'a javascript: link'],
    ['[x][y]\n\n[y]: javascript:alert(1)', 'a javascript: link'],
    ['<javascript:alert(1)>', 'a javascript: link'],
    ['<a href="javascript:alert(1)">x</a>', 'a javascript: link'],
    ["<a href=' java&#10;script:alert(1)'>x</a>", 'a javascript: link'],
    ['![x](javascript:alert(1))', 'a javascript: link'],
  ])('is found in %j', (text, what) => {
    expect(findActiveMarkup(text).map((found) => found.what)).toContain(what);
  });

  it.each([
    '```html\n<script>alert(1)</script>\n```',
    'the tag `<script>` and `onclick=`',
    '    <iframe src=x>',
    '<div class="on"> on purpose = <b>bold</b></div>',
    '<img src="picture.png" alt="once = twice">',
    '[the script](script.md)',
    'a < b and c > d, x<script',
  ])('is not found in %j', (text) => {
    expect(findActiveMarkup(text)).toEqual([]);
  });

  it('is told with its line', () => {
    expect(findActiveMarkup('one\n\n<div>\n<script>\n</script>\n</div>\n\ntwo <b onclick=x>')).toEqual([
      { line: 4, what: '<script>' },
      { line: 8, what: 'the event attribute onclick' },
    ]);
  });
});
