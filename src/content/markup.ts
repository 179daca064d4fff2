import { Parser } from 'htmlparser2';
import MarkdownIt, { type Token } from 'markdown-it';

/** What runs or loads something by itself. */
const ACTIVE_TAGS = ['script', 'iframe', 'frame', 'object', 'embed', 'applet', 'base', 'meta', 'link', 'portal'];
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
  const found: ActiveMarkup[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      const line = html.slice(0, parser.startIndex).split('\n').length;
      if (ACTIVE_TAGS.includes(name)) found.push({ line, what: `<${name}>` });
      for (const [attribute, value] of Object.entries(attributes)) {
        if (/^on[a-z]+$/.test(attribute)) found.push({ line, what: `the event attribute ${attribute}` });
        else if (isScriptUrl(value)) found.push({ line, what: SCRIPT_LINK });
      }
    },
  });
  parser.end(html);
  return found;
}

/** Whether a URL runs script, however it hides it: browsers pass over white space and control characters in it. */
function isScriptUrl(url: string): boolean {
  return /^(javascript|vbscript):/i.test(decode(url).replace(/[\u0000-\u0020]/g, ''));
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
