/**
 * Finds words that are spelt nearly alike by what is left of both when letters are taken out (the symmetric deletes of
 * W. Garbe's SymSpell, 2012): two words that are one edit apart share a variant, so an index of variants finds them.
 */

const MIN_LENGTH = 4;
/** From here on two edits are taken for a slip. */
const LONG = 7;
/** Of a long word only the beginning is varied, so that the variants stay few. */
const VARIED = 7;

/** Whether a word is one that may be misspelt: letters alone, and not too few. */
export function isSpelt(form: string): boolean {
  return form.length >= MIN_LENGTH && /^\p{L}+$/u.test(form);
}

/** The word with letters taken out, as many as may be wrong; words that are spelt nearly alike share one. */
export function spellingVariants(form: string): string[] {
  if (!isSpelt(form)) return [];
  const beginning = form.slice(0, VARIED);
  const variants = new Set([beginning]);
  let last = [beginning];
  for (let edits = allowedEdits(form); edits > 0; edits--) {
    last = last.flatMap((word) => Array.from(word, (_letter, at) => word.slice(0, at) + word.slice(at + 1)));
    last.forEach((word) => variants.add(word));
  }
  return [...variants];
}

/** How many edits of a word may be a slip. */
export function allowedEdits(form: string): number {
  return form.length >= LONG ? 2 : 1;
}

/**
 * How many letters are to be added, taken away, replaced or swapped with their neighbour to make one word the other
 * (the optimal string alignment distance).
 */
export function editDistance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_value, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let best = Math.min(
        rows[row - 1][column] + 1,
        current[column - 1] + 1,
        rows[row - 1][column - 1] + (isSame ? 0 : 1),
      );
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwap) best = Math.min(best, rows[row - 2][column - 2] + 1);
      current.push(best);
    }
    rows.push(current);
  }
  return rows[one.length][other.length];
}
