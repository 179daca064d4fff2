import { NestFactory } from '@nestjs/core';
import { AppModule } from '../src/app.module.js';
import { Config } from '../src/config/config.js';
import { ContentService } from '../src/content/content.service.js';
import type { CoursePackage, PackageChapter } from '../src/content/course-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { SETTINGS } from './processes.js';

/** Words that stand in every second chapter. */
export const COMMON = ['halfword', 'otherhalf'];
/** So many chapters hold each rare word, or a few more. */
const PER_RARE_WORD = 10;
const PER_COURSE = 1000;
const VOCABULARY = 40_000;
const SHORTEST = 120;
const LONGEST = 1500;

/** Adds generated courses to a database, chapter by chapter the same in every run. */
export async function addChapters(databaseUrl: string, from: number, to: number): Promise<void> {
  const config = Config.from({ ...SETTINGS, DATABASE_URL: databaseUrl });
  const app = await NestFactory.createApplicationContext(AppModule.with(config), {
    logger: false,
    abortOnError: false,
  });
  await app.get(DatabaseConnection).open();
  for (let first = from; first < to; first += PER_COURSE) {
    await app.get(ContentService).import(course(first), { dryRun: false, prune: false });
  }
  await app.close();
}

/** A word that about ten chapters hold, whatever their number. */
export function rareWord(index: number): string {
  return `zq${syllables(Math.floor(randomNumbers(index)() * 80 ** 5))}`;
}

/** The commonest words of the generated language. */
export function commonestWords(count: number): string[] {
  return Array.from({ length: count }, (_word, rank) => syllables(rank));
}

function course(first: number): CoursePackage {
  const id = `bench-${first}`;
  const about = {
    prerequisites: [],
    language: null,
    license: null,
    source: null,
    estimatedHours: null,
    published: true,
  };
  const chapters = Array.from({ length: PER_COURSE }, (_chapter, index) => chapter(id, first + index));
  return { course: { id, title: `Course ${first}`, description: 'Generated.', ...about }, chapters, quizzes: [] };
}

function chapter(courseId: string, index: number): PackageChapter {
  const random = randomNumbers(index);
  const words = Array.from({ length: Math.round(SHORTEST * (LONGEST / SHORTEST) ** random()) }, () =>
    zipfWord(random()),
  );
  for (const word of COMMON) if (random() < 0.5) words[Math.floor(random() * words.length)] = word;
  words[Math.floor(random() * words.length)] = rareWord(Math.floor(index / PER_RARE_WORD));
  const title = [zipfWord(random()), zipfWord(random()), ...(random() < 0.01 ? COMMON : [])].join(' ');
  const paragraphs = Array.from({ length: Math.ceil(words.length / 80) }, (_paragraph, at) =>
    words.slice(at * 80, (at + 1) * 80).join(' '),
  );
  const content = `## ${zipfWord(random())}\n\n${paragraphs.join('.\n\n')}.\n`;
  return { id: `${courseId}-${index}`, title, content, isPremium: index % 10 === 9, estimatedMinutes: 1 };
}

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
  return syllables(low);
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
