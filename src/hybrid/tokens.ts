/**
 * How many tokens a text has, rather too many than too few. Tokenizers of the GPT and Claude families take some four
 * letters of English for one, three of code, and at the most one for two bytes of a script that is not Latin.
 */
export function estimateTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  const beyondAscii = (text.match(/[^\x00-\x7f]+/g) ?? []).reduce((sum, run) => sum + Buffer.byteLength(run), 0);
  return Math.ceil((bytes - beyondAscii) / 3 + beyondAscii / 2);
}

/** JSON in which nothing can be taken for a tag. */
export function encodeData(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** How many tokens a text has as data of a prompt. */
export function dataTokens(text: string): number {
  return estimateTokens(encodeData(text));
}

/** A piece of a text, and how much it has to do with what is asked. */
export interface Piece {
  text: string;
  relevance: number;
}

/**
 * The pieces with most to say that fit as data of a prompt, in the order of the text. What does not fit whole is cut at
 * a sentence.
 */
export function fitPieces(pieces: Piece[], maxTokens: number): string[] {
  const byRelevance = pieces.map((piece, place) => ({ ...piece, place }));
  byRelevance.sort((one, other) => other.relevance - one.relevance || one.place - other.place);
  const kept: { text: string; place: number }[] = [];
  let left = maxTokens;
  for (const { text, place } of byRelevance) {
    const fitting = dataTokens(text) <= left ? text : cutToFit(text, left);
    if (fitting === '') continue;
    kept.push({ text: fitting, place });
    left -= dataTokens(fitting) + 1;
  }
  return kept.sort((one, other) => one.place - other.place).map(({ text }) => text);
}

/** As many of a text's sentences as fit, from the beginning; of one that is too long for itself its first part. */
export function cutToFit(text: string, maxTokens: number): string {
  let kept = '';
  for (const sentence of text.match(/[^.!?。！？]*[.!?。！？]*\s*/gu) ?? []) {
    if (dataTokens(kept + sentence) > maxTokens) break;
    kept += sentence;
  }
  if (kept !== '' || maxTokens < 20) return kept.trim();
  const characters = Array.from(text);
  let length = characters.length;
  while (length > 0 && dataTokens(characters.slice(0, length).join('')) > maxTokens) length = Math.floor(length * 0.9);
  return characters.slice(0, length).join('');
}
