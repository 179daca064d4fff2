import { Parser } from 'htmlparser2';
import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { lineStarts } from './text.js';

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

/** What holds words: a block without others in it, or a piece of one. */
type Leaf = Pick<Token, 'type' | 'content' | 'children'>;

/**
 * The words of a Markdown text, code and what HTML shows included; marks, tags, comments and addresses are left out.
 */
export function toPlainText(text: string): PlainText {
  return toPlainTexts(text, [0])[0];
}

/**
 * The words of each section of a Markdown text. The text is read as a whole, so that a section may begin within a
 * block.
 * @param starts where the sections begin, the first at 0
 */
export function toPlainTexts(text: string, starts: number[], parser = markdown): PlainText[] {
  const sections = starts.map((): PlainText => ({ headings: [], blocks: [] }));
  const lines = lineStarts(text);
  const env = {};
  let isHeading = false;
  let at = 0;
  for (const token of parser.parse(text, env)) {
    const { type, map } = token;
    if (type === 'heading_open') isHeading = true;
    if (type === 'heading_close') isHeading = false;
    const [from, to] = (map ?? [0, 0]).map((line) => lines.at(line) ?? text.length);
    while (starts[at + 1] <= from) at++;
    // A block that goes on in the next sections is read in pieces.
    const cuts = starts[at + 1] < to ? starts.slice(at + 1).filter((start) => start < to) : [];
    const pieceOf = (start: number, index: number): Leaf => {
      const content = text.slice(start, cuts.at(index) ?? to);
      return { type, content, children: type === 'inline' ? parser.parseInline(content, env)[0].children : null };
    };
    const leaves = cuts.length === 0 ? [token] : [from, ...cuts].map(pieceOf);
    leaves.forEach((leaf, index) => addWords(leaf, isHeading, sections[at + index]));
  }
  return sections;
}

function addWords({ type, content, children }: Leaf, isHeading: boolean, { headings, blocks }: PlainText): void {
  if (type === 'html_block') {
    const [shown] = toPlainTexts(htmlText(content), [0], withoutHtml);
    headings.push(...shown.headings);
    blocks.push(...shown.blocks);
  }
  if (type !== 'inline' && type !== 'fence' && type !== 'code_block') return;
  const words = collapse((type === 'inline' ? inlineText(children ?? []) : content).replace(LEFT_OVER, ' '));
  if (words === '') return;
  if (isHeading) headings.push(words);
  blocks.push(isHeading && /[\p{L}\p{N})\]]$/u.test(words) ? `${words}:` : words);
}

/**
 * What a single line of Markdown says, such as a heading.
 * @param env what its document defines: the links that lines refer to
 */
export function toPlainLine(line: string, env: Env): string {
  const [{ children }] = markdown.parseInline(line, env);
  return collapse(inlineText(children ?? []));
}

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
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
