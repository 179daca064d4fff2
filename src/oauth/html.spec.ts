import { html } from './html.js';

it('lets no text be markup, neither in an element nor in an attribute', () => {
  const text = `<script>"it's" & co`;
  expect(html`<p title="${text}">${text}</p>`.text).toBe(
    '<p title="&#60;script&#62;&#34;it&#39;s&#34; &#38; co">&#60;script&#62;&#34;it&#39;s&#34; &#38; co</p>',
  );
});

it('keeps pieces of HTML as they are, alone and in a row, and writes nothing for what is not there', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  const list = ['a', '<b>'].map(item);
  expect(html`${list}${item('c')}${undefined}${false}`.text).toBe('<li>a</li><li>&#60;b&#62;</li><li>c</li>');
});
