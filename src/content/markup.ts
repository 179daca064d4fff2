import MarkdownIt, { type Token } from 'markdown-it';

/** What runs or loads something by itself. */
const ACTIVE_TAG = /<\s*(script|iframe|frame|object|embed|applet|base|meta|link)\b/gi;
const TAG = /<[a-z][^\s>/]*((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const URL_ATTRIBUTES = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href'];
const SCRIPT_LINK = 'a javascript: link';

const markdown = new MarkdownIt({ html: true });
// Every link is looked at here; none is followed.
markdown.validateLink = () => true;

export interface ActiveMarkup {
  /** From 1, in the text. */
  line: number;
  /** What was found, such as `<script>`. */
  what: string;
}

/** Raw HTML and links of a Markdown text that would run or load something in a careless page; code does not count. */
export function findActiveMarkup(text: string): ActiveMarkup[] {
  const found: ActiveMarkup[] = [];
  const visit = (tokens: Token[], line: number) => {
    for (const token of tokens) {
      const here = token.map ? token.map[0] + 1 : line;
      if (token.type === 'html_block' || token.type === 'html_inline') {
        for (const { line: row, what } of activeHtml(token.content)) found.push({ line: here + row - 1, what });
      } else if (isScriptUrl(String(token.attrGet('href') ?? token.attrGet('src') ?? ''))) {
        found.push({ line: here, what: SCRIPT_LINK });
      }
      visit(token.children ?? [], here);
    }
  };
  visit(markdown.parse(text, {}), 1);
  return found;
}

function activeHtml(html: string): ActiveMarkup[] {
  const found = [...html.matchAll(ACTIVE_TAG)].map(({ index, 1: tag }) => ({ index, what: `<${tag.toLowerCase()}>` }));
  for (const { index, 1: attributes } of html.matchAll(TAG)) {
    for (const [, name, double, single, bare] of attributes.matchAll(ATTRIBUTE)) {
      const what = activeAttribute(name.toLowerCase(), double ?? single ?? bare);
      if (what) found.push({ index, what });
    }
  }
  return found.map(({ index, what }) => ({ line: html.slice(0, index).split('\n').length, what }));
}

function activeAttribute(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^on[a-z]+$/.test(name)) return `the event attribute ${name}`;
  return URL_ATTRIBUTES.includes(name) && isScriptUrl(value) ? SCRIPT_LINK : undefined;
}

function isScriptUrl(url: string): boolean {
  const plain = decodeEscapes(markdown.utils.unescapeAll(url)).replace(/[\u0000-\u0020]/g, '');
  return /^(javascript|vbscript):/i.test(plain);
}

function decodeEscapes(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
