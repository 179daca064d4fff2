/** What an entry has to hold to be found. Words are stems, as the index has them. */
export type Expression =
  | { word: string }
  /** Words that stand side by side. */
  | { phrase: string[] }
  | { all: Expression[] }
  | { any: Expression[] }
  | { find: Expression; without: Expression };

/** Every part has to be held; a single part is itself. */
export function all(parts: Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { all: parts };
}

/** One of the parts has to be held; a single part is itself. */
export function any(parts: Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { any: parts };
}

/** The first has to be held, and none of the others. */
export function except(find: Expression, others: Expression[]): Expression {
  return others.length === 0 ? find : { find, without: any(others) };
}

/** Words side by side; a single one is itself. */
export function phrase(words: string[]): Expression {
  return words.length === 1 ? { word: words[0] } : { phrase: words };
}

/** As PostgreSQL writes it. */
export function toTsQuery(expression: Expression): string {
  if ('word' in expression) return `'${expression.word}'`;
  if ('phrase' in expression) return `(${expression.phrase.map((word) => `'${word}'`).join(' <-> ')})`;
  if ('all' in expression) return `(${expression.all.map(toTsQuery).join(' & ')})`;
  if ('any' in expression) return `(${expression.any.map(toTsQuery).join(' | ')})`;
  return `(${toTsQuery(expression.find)} & !${toTsQuery(expression.without)})`;
}

/**
 * As SQLite's FTS5 writes it.
 * @param mark what each word begins with in the index
 */
export function toFts5(expression: Expression, mark = ''): string {
  const each = (parts: Expression[]) => parts.map((part) => toFts5(part, mark));
  if ('word' in expression) return `"${mark}${expression.word}"`;
  if ('phrase' in expression) return `"${expression.phrase.map((word) => mark + word).join(' ')}"`;
  if ('all' in expression) return `(${each(expression.all).join(' AND ')})`;
  if ('any' in expression) return `(${each(expression.any).join(' OR ')})`;
  return `(${toFts5(expression.find, mark)} NOT ${toFts5(expression.without, mark)})`;
}
