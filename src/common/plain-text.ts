import { Parser } from 'htmlparser2';
import MarkdownIt, { type Env, type Token } from 'markdown-it';

const markdown = new MarkdownIt({ html: true });
/** For what stands between HTML tags: what looks like a tag there is none. */
const withoutHtml = new MarkdownIt();

/** The kind of a callout, such as `[!TIP]`, and the marks of a fence that was not closed. */
const LEFT_OVER = /^\[!\w+\]\s*|`{3,}\w*/g;

/** What a text says, without the marks that say how it looks. */
export interface PlainText {
  headings: string[];
  /** Headings, paragraphs, list items, table cells and code, one after the other. */
  blocks: string[];
}

/** The words of a Markdown text, code and what HTML shows included; marks, tags, comments and addresses are left out. */
export function toPlainText(text: string, parser = markdown): PlainText {
  const found: PlainText = { headings: [], blocks: [] };
  let isHeading = false;
  const add = (block: string) => {
    const clean = block.replace(LEFT_OVER, ' ').replace(/\s+/g, ' ').trim();
    if (clean === '') return;
    if (isHeading) found.headings.push(clean);
    found.blocks.push(isHeading && /[\p{L}\p{N})\]]$/u.test(clean) ? `${clean}:` : clean);
  };
  for (const token of parser.parse(text, {})) {
    if (token.type === 'heading_open') isHeading = true;
    if (token.type === 'inline') add(inlineText(token.children ?? []));
    if (token.type === 'heading_close') isHeading = false;
    if (token.type === 'fence' || token.type === 'code_block') add(token.content);
    if (token.type === 'html_block') {
      const { headings, blocks } = toPlainText(htmlText(token.content), withoutHtml);
      found.headings.push(...headings);
      found.blocks.push(...blocks);
    }
  }
  return found;
}

/**
 * What a single line of Markdown says, such as a heading.
 * @param env what its document defines: the links that lines refer to
 */
export function toPlainLine(line: string, env: Env): string {
  const [{ children }] = markdown.parseInline(line, env);
  return inlineText(children ?? [])
    .replace(/\s+/g, ' ')
    .trim();
}

function inlineText(tokens: Token[]): string {
  const text = tokens.map((token) => {
    if (token.type === 'text' || token.type === 'code_inline') return token.content;
    if (token.type === 'softbreak' || token.type === 'hardbreak') return ' ';
    if (token.type === 'html_inline') return isLineBreak(token.content) ? ' ' : '';
    return inlineText(token.children ?? []);
  });
  return text.join('');
}

function isLineBreak(tag: string): boolean {
  return /^<br\b/i.test(tag);
}

/** What a page would show of a piece of HTML. */
function htmlText(html: string): string {
  const shown: string[] = [];
  let hidden = 0;
  const hides = (name: string) => name === 'script' || name === 'style';
  const parser = new Parser({
    onopentag: (name) => {
      if (hides(name)) hidden++;
      shown.push(' ');
    },
    onclosetag: (name) => {
      if (hides(name)) hidden--;
      shown.push(' ');
    },
    ontext: (text) => {
      if (hidden === 0) shown.push(text);
    },
  });
  parser.end(html);
  return shown.join('');
}
