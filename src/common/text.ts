/** Whether both databases can keep the text as it is: no NUL, no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Text without its case: Unicode's full case folding, by which "ß" is "ss", after NFKC, by which "ﬁ" is "fi" and the
 * Kelvin sign a "k". Going through upper case finds the letters that have only one of the two; letter by letter, as a
 * sigma at the end of a word would else stay apart from the others (Unicode 16, 3.13.3 and UAX 15).
 */
export function foldCase(text: string): string {
  const folded = Array.from(text.normalize('NFKC'), (letter) =>
    letter === 'ı' ? letter : letter.toLowerCase().toUpperCase().toLowerCase(),
  );
  return folded.join('').normalize('NFKC');
}

/** Text without case and accents. */
export function fold(text: string): string {
  return foldCase(text.normalize('NFKD').replace(/\p{M}/gu, ''));
}

/** Where the lines of a text begin, as a Markdown parser counts them. */
export function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: end, index }) => index + end.length)];
}

/** Text without what cannot be seen, such as a zero-width space. */
export function withoutInvisible(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

/** Text without the quotes and back-ticks around it. */
export function withoutQuotes(text: string): string {
  return text.replace(/^["'`“”„‘’‚«»]+|["'`“”„‘’‚«»]+$/g, '').trim();
}
