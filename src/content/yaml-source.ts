import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { isStorableText } from '../common/text.js';
import { error, type Problem, warning } from './problem.js';

/** A path into the value, such as `['questions', 3, 'options']`. */
export type Path = (string | number)[];

/** A YAML text with the places of its parts, so that a mistake can be told with its line. */
export class YamlSource {
  readonly problems: Problem[] = [];
  /** The parsed value; undefined where the text is not YAML. */
  readonly value: unknown;
  private readonly document: Document;
  private readonly lines = new LineCounter();

  /** @param lineOffset how many lines of the file come before the text */
  constructor(
    readonly file: string,
    text: string,
    private readonly lineOffset = 0,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    for (const { message, pos } of this.document.errors) this.refuse(pos[0], `is not valid YAML: ${message}`);
    if (this.problems.length > 0) return;
    try {
      this.value = this.document.toJS({ maxAliasCount: 100 });
    } catch (cause) {
      this.refuse(0, `is not valid YAML: ${(cause as Error).message}`);
    }
    this.forEachText((text, path) => {
      if (!isStorableText(text)) this.reportAt(path, `${formatPath(path)}holds a NUL or half a surrogate pair`);
    });
  }

  /** Checks the value against a schema and tells every mistake; undefined if there was one. */
  read<T>(schema: z.ZodType<T>): T | undefined {
    if (this.problems.length > 0 && this.value === undefined) return undefined;
    const parsed = schema.safeParse(this.value);
    for (const issue of parsed.error?.issues ?? []) {
      const path = issue.path as Path;
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) this.reportAt([...path, key], issue.message.replace('{key}', key), 'key');
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

  /** Calls back with every text of the value, its keys included, and where it stands. */
  forEachText(visit: (text: string, path: Path) => void, value: unknown = this.value, path: Path = []): void {
    if (typeof value === 'string') visit(value, path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      const here = [...path, Array.isArray(value) ? Number(key) : key];
      if (!Array.isArray(value)) visit(key, here);
      this.forEachText(visit, item, here);
    }
  }

  private refuse(offset: number, message: string): void {
    this.problems.push(error(this.file, this.lineAt(offset), message));
  }

  private lineAt(offset: number): number {
    return this.lines.linePos(offset).line + this.lineOffset;
  }

  private offsetOf(path: Path, part: 'key' | 'value'): number {
    for (let length = path.length; length >= 0; length--) {
      const here = path.slice(0, length);
      const parent = this.document.getIn(here.slice(0, -1), true);
      const key = here.at(-1);
      if (part === 'key' && length === path.length && isMap(parent)) {
        const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
        if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
      }
      const node = length === 0 ? this.document.contents : this.document.getIn(here, true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }
}

/** `questions[3].options: `, or nothing for the whole value. */
export function formatPath(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}
