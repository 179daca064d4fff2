import { html } from './html.js';

it('lets no text be markup, neither in an element nor in an attribute', () => {
  const text = `<script>"it's" & co`;
  expect(html`<p title="${text}">${text}</p>`.text).toBe(
    '<p title="&#60;script&#62;&#34;it&#39;s&#34; &#38; co">&#60;script&#62;&#34;it&#39;s&#34; &#38; co</p>',
  );
});

it('keeps pieces of HTML as they are, alone and in a row', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  expect(
    html`<ul>
      ${['a', '<b>'].map(item)}${item('c')}
    </ul>`.text,
  ).toBe('<ul><li>a</li><li>&#60;b&#62;</li><li>c</li></ul>');
});
