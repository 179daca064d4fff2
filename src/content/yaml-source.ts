import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { isStorableText } from '../common/text.js';
import { unknownKeyMessage } from './package-schema.js';
import { error, type Problem, warning } from './problem.js';

/** A path into the value, such as `['questions', 3, 'options']`. */
export type Path = (string | number)[];

/** More than any author writes by hand; aliases can make a small text as large as they like. */
const MAX_VALUES = 200_000;
const MAX_SYNTAX_ERRORS = 10;
/** How the parser tells that it could not go deeper. */
const TOO_DEEP = /call stack/;

/** A YAML text with the places of its parts, so that a mistake can be told with its line. */
export class YamlSource {
  readonly problems: Problem[] = [];
  /** The parsed value; undefined where the text is not YAML. */
  readonly value: unknown;
  private readonly document: Document | undefined;
  private readonly lines = new LineCounter();

  /** @param lineOffset how many lines of the file come before the text */
  constructor(
    readonly file: string,
    text: string,
    private readonly lineOffset = 0,
  ) {
    try {
      this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
      this.refuseSyntax(this.document, text);
      if (this.problems.length === 0) this.value = this.document.toJS({ maxAliasCount: -1 });
      this.refuseUnstorableText();
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      this.value = undefined;
      this.refuse(0, 'is nested too deeply, or by its aliases too large');
    }
  }

  /** Whether the text is YAML, whatever it says. */
  get isReadable(): boolean {
    return this.value !== undefined;
  }

  /**
   * Checks a value against a schema and tells every mistake; undefined if there was one.
   * @param value another one than the source's own, but with parts at the same places
   */
  read<T>(schema: z.ZodType<T>, value = this.value): T | undefined {
    if (value === undefined) return undefined;
    const parsed = schema.safeParse(value);
    for (const issue of parsed.error?.issues ?? []) {
      const path = issue.path as Path;
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) this.reportAt([...path, key], unknownKeyMessage(issue.message, key), 'key');
      } else {
        this.reportAt(path, `${formatPath(path)}${issue.message}`);
      }
    }
    return parsed.data;
  }

  /** Tells a mistake with the line of the part that it is about, or of the nearest part around it. */
  reportAt(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.refuse(this.offsetOf(path, part), message);
  }

  /** Tells something that does not stop the import. */
  warnAt(path: Path, message: string): void {
    this.problems.push(warning(this.file, this.lineAt(this.offsetOf(path, 'value')), message));
  }

  /** The line of a part, or of the nearest part around it. */
  lineOf(path: Path): number {
    return this.lineAt(this.offsetOf(path, 'value'));
  }

  /** Calls back with every text of the value, its keys included, and where it stands. */
  forEachText(visitText: (text: string, path: Path) => void): void {
    let left = MAX_VALUES;
    const walk = (value: unknown, path: Path): void => {
      if (--left < 0) throw new RangeError('Too many values');
      if (typeof value === 'string') visitText(value, path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, item] of Object.entries(value)) {
        const here = [...path, Array.isArray(value) ? Number(key) : key];
        if (!Array.isArray(value)) visitText(key, here);
        walk(item, here);
      }
    };
    walk(this.value, []);
  }

  private refuseSyntax(document: Document, text: string): void {
    if (document.errors.some(({ message }) => TOO_DEEP.test(message))) throw new RangeError('Too deep');
    for (const syntaxError of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
      this.refuse(syntaxError.pos[0], syntaxMessage(syntaxError, text));
    }
    if (document.errors.length > 0) return;
    visit(document, {
      Node: (_key, { tag, range }) => {
        if (tag) this.refuse(range?.[0] ?? 0, `has the YAML tag ${tag}, which means nothing here`);
      },
      Alias: (_key, alias) => {
        if (!alias.resolve(document)) this.refuse(alias.range?.[0] ?? 0, `there is no anchor '&${alias.source}'`);
      },
    });
  }

  private refuseUnstorableText(): void {
    this.forEachText((text, path) => {
      if (!isStorableText(text)) this.reportAt(path, `${formatPath(path)}holds a NUL or half a surrogate pair`);
    });
  }

  private refuse(offset: number, message: string): void {
    this.problems.push(error(this.file, this.lineAt(offset), message));
  }

  private lineAt(offset: number): number {
    return Math.max(1, this.lines.linePos(offset).line) + this.lineOffset;
  }

  private offsetOf(path: Path, part: 'key' | 'value'): number {
    for (let length = path.length; length >= 0; length--) {
      const here = path.slice(0, length);
      const parent = this.document?.getIn(here.slice(0, -1), true);
      const key = here.at(-1);
      if (part === 'key' && length === path.length && isMap(parent)) {
        const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
        if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
      }
      const node = length === 0 ? this.document?.contents : this.document?.getIn(here, true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }
}

/** What a mapping has under a key; undefined for anything that is no mapping or lacks it. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** `questions[3].options: `, or nothing for the whole value. */
function formatPath(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

function syntaxMessage({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'MULTIPLE_DOCS') return 'holds more than one YAML document';
  if (code === 'DUPLICATE_KEY') return `the key '${text.slice(pos[0]).split(/[:\n]/, 1)[0]}' stands twice`;
  return `is not valid YAML: ${message}`;
}
