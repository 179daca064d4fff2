/** Words that stand in every second chapter. */
export const COMMON = ['halfword', 'otherhalf'];
/** So many chapters hold each rare word, or a few more. */
const PER_RARE_WORD = 10;
const VOCABULARY = 40_000;
const SHORTEST = 120;
const LONGEST = 600;

/** A generated chapter's text, the same in every run. */
export interface GeneratedText {
  title: string;
  content: string;
}

/** A text of 120 to 600 words as frequent as those of a natural language, one of them rare. */
export function textOf(index: number): GeneratedText {
  const random = randomNumbers(index);
  const words = Array.from({ length: Math.round(SHORTEST * (LONGEST / SHORTEST) ** random()) }, () =>
    zipfWord(random()),
  );
  for (const word of COMMON) if (random() < 0.5) words[Math.floor(random() * words.length)] = word;
  words[Math.floor(random() * words.length)] = rareWord(Math.floor(index / PER_RARE_WORD));
  const title = [zipfWord(random()), zipfWord(random()), ...(random() < 0.01 ? COMMON : [])].join(' ');
  return { title, content: inParagraphs(zipfWord(random()), words) };
}

/** A text of so many characters, with a rare word too. */
export function textOfLength(length: number, index: number): string {
  const random = randomNumbers(index);
  const words = Array.from({ length: length / 4 }, () => zipfWord(random()));
  words[0] = rareWord(Math.floor(index / PER_RARE_WORD));
  return inParagraphs(zipfWord(random()), words).slice(0, length);
}

/** A word that about ten chapters hold, whatever their number. */
export function rareWord(index: number): string {
  return `zq${syllables(Math.floor(randomNumbers(index)() * 80 ** 5))}`;
}

/** The commonest words of the generated language. */
export function commonestWords(count: number): string[] {
  return WORDS.slice(0, count);
}

function inParagraphs(heading: string, words: string[]): string {
  const paragraphs = Array.from({ length: Math.ceil(words.length / 80) }, (_paragraph, at) =>
    words.slice(at * 80, (at + 1) * 80).join(' '),
  );
  return `## ${heading}\n\n${paragraphs.join('.\n\n')}.\n`;
}

const WORDS = Array.from({ length: VOCABULARY }, (_word, rank) => syllables(rank));
/** Word frequencies of a natural language fall with the rank (Zipf). */
const upTo: number[] = [];
for (let rank = 0, sum = 0; rank < VOCABULARY; rank++) upTo.push((sum += 1 / (rank + 10)));

function zipfWord(random: number): string {
  const wanted = random * upTo[VOCABULARY - 1];
  let [low, high] = [0, VOCABULARY - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return WORDS[low];
}

function syllables(index: number): string {
  let word = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor(rest / 80)) {
    word += 'bcdfghklmnprstvz'[rest % 16] + 'aeiou'[Math.floor(rest / 16) % 5];
  }
  return word;
}

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
