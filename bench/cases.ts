import { randomUUID } from 'node:crypto';
import { always, type Requests } from './load/in-turns.js';
import type { Request } from './load/requests.js';
import {
  ANSWERS,
  openLibraryChapters,
  PER_STUDY_COURSE,
  quizOf,
  STUDY_CHAPTERS,
  STUDY_COURSES,
  studyChapter,
} from './population/content.js';
import { authorizationOf, COMPLETED, learnerEmail, PASSWORD } from './population/learners.js';
import type { Aim } from './report.js';
import { FEW } from './settings.js';
import { commonestWords, rareWord } from './words.js';

/** Something that is asked for of ours and of the floor, and of ours as there becomes more of everything. */
export interface Case {
  name: string;
  aim: Aim | null;
  /** How many requests are under way at once; few, where each takes a core for long. */
  connections?: number;
  /** How much longer it is measured than the others. */
  longer?: number;
  /**
   * @param size how many chapters, courses and learners there are
   * @param sharers how many servers are asked that share a database, so that none does what another one has done
   */
  requests: (size: number, sharers: number) => Requests;
  /** By what share the lengths of the bodies may differ; without it they are equal but for ids, times and tokens. */
  tolerance?: number;
}

const BY_CLOCK = (least: number): Aim => ({ least, by: 'clock' });
/** So many learners, chapters or words are asked for in turns, where there are as many. */
const MAX_DIFFERENT = 1000;
/** Every pair of so many of the commonest words is asked for. */
const COMMONEST = 30;
/** What each learner has to do that can be done but once, and over how many loads it is spread. */
const ROUNDS_OF_WRITES = STUDY_CHAPTERS - COMPLETED;
const LOADS = 8;

/** Reads that nothing is known of beforehand: the cache is off. */
export const READS: Case[] = [
  { name: 'chapter (uncached)', aim: null, requests: (size) => always(openChapters(size).map(get)) },
  { name: 'course list (uncached)', aim: null, requests: (size) => always(coursePages(size).map(get)) },
  {
    name: 'search, rare word (uncached)',
    aim: null,
    tolerance: 0.2,
    requests: (size) =>
      always(
        indexesOver(size / 10)
          .map(rareWord)
          .map(find),
      ),
  },
  {
    name: 'search, common words (uncached)',
    aim: null,
    tolerance: 0.2,
    requests: () => always(pairs(commonestWords(COMMONEST)).map(find)),
  },
  {
    name: 'progress',
    aim: null,
    requests: (size) =>
      always(
        learners(size).map(({ headers }) => ({ path: `/api/v1/progress/me/courses/${STUDY_COURSES[0]}`, headers })),
      ),
  },
];

export const WRITES: Case[] = [
  { name: 'chapter completed', aim: BY_CLOCK(0.6), requests: completions },
  { name: 'quiz submitted', aim: BY_CLOCK(0.6), requests: submissions },
];

export const LOGIN: Case = {
  name: 'login',
  aim: BY_CLOCK(0.6),
  connections: 1,
  longer: 3,
  requests: (size) =>
    always(
      indexesOver(size).map((index) => {
        const body = { login: learnerEmail(index), password: PASSWORD };
        return { method: 'POST', path: '/api/v1/auth/login', body };
      }),
    ),
};

/** What every learner has still to do, one chapter after the other, so that all have done as much at any time. */
function completions(size: number, sharers: number): Requests {
  const open = STUDY_COURSES.flatMap((course, index) =>
    upTo(PER_STUDY_COURSE)
      .slice(index === 0 ? COMPLETED : 0)
      .map((chapter) => `/api/v1/progress/me/courses/${course}/chapters/${studyChapter(course, chapter + 1)}`),
  );
  return onceEach(size, sharers, ({ headers }, round) => ({ method: 'POST', path: open[round], headers }));
}

function submissions(size: number, sharers: number): Requests {
  const quizzes = STUDY_COURSES.flatMap((course) =>
    upTo(PER_STUDY_COURSE).map((index) => studyChapter(course, index + 1)),
  );
  return onceEach(size, sharers, ({ headers }, round) => {
    const quiz_id = quizOf(quizzes[round % quizzes.length]);
    const body = { quiz_id, answers: ANSWERS, submission_id: randomUUID() };
    return { method: 'POST', path: '/api/v1/quizzes/submit', headers, body };
  });
}

interface Learner {
  headers: Record<string, string>;
}

/** For each load the next requests that nobody has sent; those who share a database speak for other learners. */
function onceEach(size: number, sharers: number, make: (learner: Learner, round: number) => Request): Requests {
  // Without a sharer sizes are compared, by what as many learners do as the smaller one has.
  const all = learners(size, sharers === 1 ? FEW : MAX_DIFFERENT);
  const perLoad = Math.floor(((all.length / sharers) * ROUNDS_OF_WRITES) / LOADS);
  const sent = new Map<number, number>();
  return {
    isRepeatable: false,
    of: (server) => {
      const own = all.filter((_learner, index) => index % sharers === server % sharers);
      const first = sent.get(server) ?? 0;
      sent.set(server, first + perLoad);
      return upTo(perLoad).map((index) => {
        const next = first + index;
        return make(own[next % own.length], Math.floor(next / own.length));
      });
    },
  };
}

function learners(size: number, most = MAX_DIFFERENT): Learner[] {
  return indexesOver(size, most).map((index) => ({
    headers: { authorization: authorizationOf(index) },
  }));
}

/** Indexes from all over so many things: each of them, or as many as `most` at equal distances. */
function indexesOver(size: number, most = MAX_DIFFERENT): number[] {
  const count = Math.min(size, most);
  return upTo(count).map((index) => Math.floor((index * size) / count));
}

function openChapters(size: number): string[] {
  const study = STUDY_COURSES.map((course) => studyChapter(course, 1));
  const all = [...study, ...openLibraryChapters(size - STUDY_CHAPTERS)];
  return indexesOver(all.length).map((index) => `/api/v1/chapters/${all[index]}`);
}

function coursePages(size: number): string[] {
  return upTo(100).map(
    (page) => `/api/v1/courses?limit=20&offset=${Math.floor((page * Math.max(0, size - 20)) / 100)}`,
  );
}

function pairs(words: string[]): string[] {
  return words.flatMap((one, index) => words.slice(index + 1).map((other) => `${one} ${other}`));
}

function find(query: string): Request {
  return get(`/api/v1/search?q=${encodeURIComponent(query)}`);
}

function get(path: string): Request {
  return { path };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_item, index) => index);
}
